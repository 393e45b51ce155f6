#!/bin/bash
case $2 in
  GW_v4|GW_v6) act exact ;;&
  G*) act family ;;&
  ??|GW_v4|GW_v6) act short ;;
esac
