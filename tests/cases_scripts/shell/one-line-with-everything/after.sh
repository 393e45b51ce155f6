#!/bin/sh
[ "$1" = INSTANCE ]&&{ [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; }&&{ case $3 in MASTER) act m;; *) act o;; esac; };exit 0
