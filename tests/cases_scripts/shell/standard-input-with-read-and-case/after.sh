#!/bin/bash
while read -r type name state; do
  case $name in
    GW_v4|GW_v6|EDGE) act edge "$state" ;;
    LAN) act lan "$state" ;;
    *) act other ;;
  esac
done
