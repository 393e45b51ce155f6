#!/bin/bash
re='^(GW|LAN)$'
[[ $2 =~ $re ]] && act ours
exit 0
