#!/bin/bash
case $2 in
  GW) act exact ;;&
  G*) act family ;;&
  ??) act short ;;
esac
