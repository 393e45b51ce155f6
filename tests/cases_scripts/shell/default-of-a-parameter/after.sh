#!/bin/sh
NAME=${2:-GW}
STATE=${3:-MASTER}
if { [ "$NAME" = GW_v4 ] || [ "$NAME" = GW_v6 ]; }; then
  act "$STATE"
fi
