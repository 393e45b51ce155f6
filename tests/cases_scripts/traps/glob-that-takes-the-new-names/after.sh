#!/bin/sh
case $2 in
  VI_*) act vrrp "$3" ;;
  *) act other ;;
esac
