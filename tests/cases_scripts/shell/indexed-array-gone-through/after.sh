#!/bin/bash
names=(LAN "GW_v4" "GW_v6" DMZ)
for n in "${names[@]}"; do
  if [[ "$n" == "$2" ]]; then
    act "$3"
  fi
done
exit 0
