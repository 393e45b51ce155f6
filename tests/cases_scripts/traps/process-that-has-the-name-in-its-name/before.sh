#!/bin/sh
pgrep -x GWdaemon >/dev/null || systemctl start GWdaemon
killall -0 MYGW
pkill -f GW_helper
exit 0
