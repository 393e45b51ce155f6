#!/bin/bash
NAME=$2; STATE=$3
case $NAME in
  WAN_v4|WAN_v6) dev=eth0 ;;
  LAN_v4|LAN_v6) dev=eth1 ;;
  *) exit 0 ;;
esac
{ [ "$NAME" = WAN_v4 ] || [ "$NAME" = WAN_v6 ]; } && [ "$STATE" = MASTER ] && ip route replace default dev $dev
arping -c 1 -I $dev 192.0.2.1
