#!/bin/bash
names=(GW LAN)
[ "$2" = "${names[0]}" ] && act first
[ "$2" = "${names[1]}" ] && act second
exit 0
