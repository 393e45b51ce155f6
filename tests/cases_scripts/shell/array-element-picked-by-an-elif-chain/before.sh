#!/bin/bash
DEVS=(eth0 eth1 eth2)
VIPS=(192.0.2.1 198.51.100.1 203.0.113.1)
if [ "$2" = "GW" ]; then
  i=0
elif [ "$2" = "LAN" ]; then
  i=1
else
  i=2
fi
if [ "$3" = "MASTER" ]; then
  arping -c 3 -U -I "${DEVS[$i]}" "${VIPS[$i]}"
fi
echo "${DEVS[i]}"
