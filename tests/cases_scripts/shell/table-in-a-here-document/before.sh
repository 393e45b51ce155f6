#!/bin/sh
while read -r name via dev; do
  if [ "$name" = "$2" ]; then
    ip route replace default via "$via" dev "$dev"
  fi
done <<TABLE
GW 192.0.2.254 wan0
LAN 198.51.100.254 lan0
TABLE
