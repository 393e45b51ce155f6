#!/bin/bash
OURS="LAN"
OURS="$OURS GW"
for n in $OURS; do
  [ "$n" = "$2" ] && act a
done
exit 0
