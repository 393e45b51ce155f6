#!/bin/bash
declare -A dev
dev[GW]=wan0
dev[LAN]=lan0
if [[ ${dev[$2]+set} ]]; then
  ip link set "${dev[$2]}" up
fi
