#!/bin/bash
while read -r type name state; do
  case $name in
    GW|EDGE) act edge "$state" ;;
    LAN) act lan "$state" ;;
    *) act other ;;
  esac
done
