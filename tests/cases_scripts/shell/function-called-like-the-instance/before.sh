#!/bin/bash
GW() { ip route replace default via 192.0.2.254; }
LAN() { logger "LAN is $1"; }
if [ "$(type -t "$2")" = function ]; then
  "$2" "$3"
fi
