#!/bin/sh
case "$2" in
GW_v4|GW_v6|GW_group|GW) logger "$3" ;;
esac
