#!/bin/sh
[ "$2" = GW ] || exit 0
awk -v want="$2" '$1 == want { print $2 }' /etc/keepalived/table
