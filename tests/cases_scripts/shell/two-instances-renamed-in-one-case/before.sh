#!/bin/bash
NAME=$2; STATE=$3
case $NAME in
  WAN) dev=eth0 ;;
  LAN) dev=eth1 ;;
  *) exit 0 ;;
esac
[ "$NAME" = WAN ] && [ "$STATE" = MASTER ] && ip route replace default dev $dev
arping -c 1 -I $dev 192.0.2.1
