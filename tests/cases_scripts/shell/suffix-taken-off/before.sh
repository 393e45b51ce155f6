#!/bin/sh
zone=${2%_gw}
case $zone in
  WAN) act wan ;;
  LAN) act lan ;;
esac
