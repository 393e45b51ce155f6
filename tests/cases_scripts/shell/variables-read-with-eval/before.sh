#!/bin/sh
GW_DEV=wan0
GW_VIA=192.0.2.254
LAN_DEV=lan0
eval "dev=\$${2}_DEV"
eval "via=\$${2}_VIA"
[ -n "$via" ] && ip route replace default via "$via" dev "$dev"
exit 0
