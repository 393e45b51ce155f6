#!/bin/sh
case "$2-$3" in
  GW_v4-MASTER|GW_v6-MASTER) act up ;;
  GW-*|GW_v4-*|GW_v6-*) act down ;;
esac
