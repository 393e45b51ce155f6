#!/bin/sh
readonly MAIN=GW
case $2 in
  $MAIN) act main ;;
  LAN) act lan ;;
esac
