#!/bin/sh
dev=$(grep -A1 'vrrp_instance GW ' /etc/keepalived/keepalived.conf | awk '/interface/ { print $2 }')
[ "$3" = MASTER ] && arping -I "$dev" 192.0.2.1
exit 0
