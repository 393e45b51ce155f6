#!/bin/sh
case $2 in
  *_v6) act six ;;
  GW_v4|GW_v6) act gw ;;
esac
