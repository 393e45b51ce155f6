#!/bin/sh
exec 9>/run/lock/keepalived-GW.lock
flock -n 9 || exit 0
if { [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; }; then
  ip route flush cache
fi
