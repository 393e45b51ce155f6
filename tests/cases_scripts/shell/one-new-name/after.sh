#!/bin/bash
I=EDGE
[ "$2" = EDGE ] && act a
case $2 in EDGE|LAN) act b ;; esac
[[ $2 =~ ^EDGE$ ]] && act c
[ "$2" = "$I" ] && act d
exit 0
