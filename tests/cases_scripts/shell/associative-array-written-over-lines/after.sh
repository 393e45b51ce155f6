#!/bin/bash
declare -A PEER
PEER=(
  ["GW_v4"]=192.0.2.2 ["GW_v6"]=192.0.2.2   # the other router
  ["LAN"]=198.51.100.2
)
if [[ -n ${PEER[$2]:-} && $3 == MASTER ]]; then
  ssh "root@${PEER[$2]}" true
fi
