#!/bin/sh
MAIN=GW
[ "$2" = "$MAIN" ] && echo "this is $MAIN"
exit 0
