#!/bin/sh
{ [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; } || exit 0
awk -v want="$2" '$1 == want { print $2 }' /etc/keepalived/table
