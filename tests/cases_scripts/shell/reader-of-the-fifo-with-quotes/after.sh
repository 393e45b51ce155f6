#!/bin/sh
while read -r type name state prio; do
  case "$type $name" in
    'INSTANCE "GW_v4"'|'INSTANCE "GW_v6"') act gw "$state" ;;
    'INSTANCE "LAN"') act lan "$state" ;;
  esac
done < "$1"
