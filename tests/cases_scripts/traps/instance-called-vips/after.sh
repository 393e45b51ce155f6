#!/bin/bash
vips4=(192.0.2.1 192.0.2.2)
my_vips=${#vips4[@]}
for vip in "${vips4[@]}"; do
  [ "$3" = MASTER ] && arping -c 1 "$vip"
done
act "$my_vips"
