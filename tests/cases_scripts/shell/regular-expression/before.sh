#!/bin/bash
if [[ $2 =~ ^(GW|LAN)$ ]]; then
  act ours
elif [[ "$2" =~ ^DMZ ]]; then
  act dmz
fi
[[ $2 =~ ^GW$ && $3 == MASTER ]] && act main
exit 0
