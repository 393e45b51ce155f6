#!/bin/sh
found=
for n in GW LAN DMZ; do
  [ "$n" = "$2" ] && found=yes
done
[ -n "$found" ] || exit 0
act "$3"
