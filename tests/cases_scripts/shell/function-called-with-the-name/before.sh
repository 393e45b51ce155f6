#!/bin/sh
NAME=$2
is() { [ "$NAME" = "$1" ]; }
if is GW; then
  act gw
elif is LAN; then
  act lan
fi
