#!/bin/sh
if { [ "$2" = "GW_v4" ] || [ "$2" = "GW_v6" ]; }; then :
  act gw
fi
