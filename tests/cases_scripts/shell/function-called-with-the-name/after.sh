#!/bin/sh
NAME=$2
is() { [ "$NAME" = "$1" ]; }
if { is GW_v4 || is GW_v6; }; then
  act gw
elif is LAN; then
  act lan
fi
