#!/bin/sh
if echo "$2" | grep -q '^GW$'; then
  act gw
fi
echo "$2" | grep -qE '^(GW|LAN)$' && act ours
echo "$2" | grep -qvx GW && act other
exit 0
