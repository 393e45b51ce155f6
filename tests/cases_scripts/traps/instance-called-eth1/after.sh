#!/bin/sh
for d in eth10 eth11; do
  [ -d "/sys/class/net/$d" ] && ip link set "$d" up
done
ip link show veth1 >/dev/null
exit 0
