#!/bin/sh
if { [ "$3" = MASTER -a "$2" = GW_v4 -o "$3" = FAULT ] || [ "$3" = MASTER -a "$2" = GW_v6 -o "$3" = FAULT ]; }; then
  act mixed
fi
