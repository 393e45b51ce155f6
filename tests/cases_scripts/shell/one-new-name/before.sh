#!/bin/bash
I=GW
[ "$2" = GW ] && act a
case $2 in GW|LAN) act b ;; esac
[[ $2 =~ ^GW$ ]] && act c
[ "$2" = "$I" ] && act d
exit 0
