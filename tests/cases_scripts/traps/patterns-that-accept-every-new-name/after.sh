#!/bin/bash
case $2 in GW*) act case ;; esac
[[ $2 == GW* ]] && act glob
[[ $2 =~ ^GW ]] && act regex
echo "$2" | grep -q ^GW && act grep
exit 0
