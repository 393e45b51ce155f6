#!/bin/bash
declare -A DEV=([GW_v4]=wan0 [GW_v6]=wan0 [LAN]=lan0)
dev=${DEV[$2]}
[ -n "$dev" ] || exit 0
if [ "$3" = MASTER ]; then
  ip link set "$dev" up
else
  ip link set "$dev" down
fi
