#!/bin/bash
OURS="GW LAN DMZ"
for n in $OURS; do
  if [ "$n" = "$2" ]; then
    act "$3"
    break
  fi
done
exit 0
