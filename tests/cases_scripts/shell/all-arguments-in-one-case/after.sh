#!/bin/sh
case "$*" in
  "INSTANCE GW MASTER "*|"INSTANCE GW_v4 MASTER "*|"INSTANCE GW_v6 MASTER "*) ip route replace default via 192.0.2.254 ;;
  "INSTANCE GW "*|"INSTANCE GW_v4 "*|"INSTANCE GW_v6 "*) ip route del default via 192.0.2.254 ;;
  *LAN*) logger "LAN is $3" ;;
esac
