#!/bin/sh
case "$2" in
    GW|GW_v6) logger gateway ;;
esac
