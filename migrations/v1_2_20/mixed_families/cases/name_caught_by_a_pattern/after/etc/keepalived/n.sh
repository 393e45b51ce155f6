#!/bin/sh
case "$2" in
    *_v6) exit 1 ;;
    GW_v4|GW_ip6) logger gateway ;;
esac
