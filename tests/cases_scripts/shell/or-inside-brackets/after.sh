#!/bin/sh
if { [ "$2" = GW_v4 -o "$2" = LAN ] || [ "$2" = GW_v6 -o "$2" = LAN ]; }; then
  act ours
fi
