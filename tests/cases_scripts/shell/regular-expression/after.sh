#!/bin/bash
if [[ $2 =~ ^(GW_v4|GW_v6|LAN)$ ]]; then
  act ours
elif [[ "$2" =~ ^DMZ ]]; then
  act dmz
fi
[[ $2 =~ ^(GW_v4|GW_v6)$ && $3 == MASTER ]] && act main
exit 0
