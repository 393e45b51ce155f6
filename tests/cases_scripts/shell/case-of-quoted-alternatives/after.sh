#!/bin/sh
case "$2" in
  "LAN"|'GW_v4'|'GW_v6'|DMZ) act inner ;;
  "") act empty ;;
  *) act unknown; exit 1 ;;
esac
