#!/bin/sh
while read -r type name state prio; do
  case "$type $name" in
    'INSTANCE "GW"') act gw "$state" ;;
    'INSTANCE "LAN"') act lan "$state" ;;
  esac
done < "$1"
