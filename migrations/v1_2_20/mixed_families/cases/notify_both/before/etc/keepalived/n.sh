#!/bin/sh
case "$2" in
    GW) logger gateway ;;
esac
