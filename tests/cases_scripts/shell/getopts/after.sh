#!/bin/sh
while getopts n:s: o; do
  case $o in
    n) NAME=$OPTARG ;;
    s) STATE=$OPTARG ;;
    *) exit 2 ;;
  esac
done
{ [ "$NAME" = "GW_v4" ] || [ "$NAME" = "GW_v6" ]; } && [ "$STATE" = "MASTER" ] && systemctl start haproxy
exit 0
