#!/bin/sh
case "$2" in
  "LAN"|'GW'|DMZ) act inner ;;
  "") act empty ;;
  *) act unknown; exit 1 ;;
esac
