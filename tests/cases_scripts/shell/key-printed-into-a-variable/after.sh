#!/bin/bash
printf -v key '%s_%s' "$2" "$3"
case $key in
  GW_MASTER) ip route replace default via 192.0.2.254 ;;
esac
