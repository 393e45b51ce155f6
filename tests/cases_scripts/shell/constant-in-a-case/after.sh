#!/bin/sh
readonly MAIN=GW_v4
case $2 in
  $MAIN|GW_v6) act main ;;
  LAN) act lan ;;
esac
