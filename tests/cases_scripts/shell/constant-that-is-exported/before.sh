#!/bin/sh
export MAIN=GW
[ "$2" = "$MAIN" ] && act main
exit 0
