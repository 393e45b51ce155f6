#!/bin/sh
case "$2" in
    *_v6) exit 1 ;;
    GW) logger gateway ;;
esac
