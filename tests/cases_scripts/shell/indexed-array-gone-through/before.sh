#!/bin/bash
names=(LAN "GW" DMZ)
for n in "${names[@]}"; do
  if [[ "$n" == "$2" ]]; then
    act "$3"
  fi
done
exit 0
