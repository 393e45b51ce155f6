#!/bin/bash
declare -A mtu=([eth1]=1492 [eth2]=1500)
for dev in "${!mtu[@]}"; do
  ip link set "$dev" mtu "${mtu[$dev]}"
done | cat
