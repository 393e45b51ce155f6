#!/bin/sh
case "$*" in
  "INSTANCE GW MASTER "*) ip route replace default via 192.0.2.254 ;;
  "INSTANCE GW "*) ip route del default via 192.0.2.254 ;;
  *LAN*) logger "LAN is $3" ;;
esac
