#!/bin/sh
if echo "$2" | grep -q -e '^GW_v4$' -e '^GW_v6$'; then
  act gw
fi
echo "$2" | grep -qE '^(GW_v4|GW_v6|LAN)$' && act ours
echo "$2" | grep -qvx -e GW_v4 -e GW_v6 && act other
exit 0
