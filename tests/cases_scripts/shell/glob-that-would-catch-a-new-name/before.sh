#!/bin/sh
case $2 in
  *_v6) act six ;;
  GW) act gw ;;
esac
