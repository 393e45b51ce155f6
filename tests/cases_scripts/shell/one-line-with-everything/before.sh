#!/bin/sh
[ "$1" = INSTANCE ]&&[ "$2" = GW ]&&{ case $3 in MASTER) act m;; *) act o;; esac; };exit 0
