#!/bin/sh
case $2 in
  GW_DNS) act dns ;;
  GWX) act x ;;
  LGW) act l ;;
esac
[ "$2" = GW2 ] && act two
exit 0
