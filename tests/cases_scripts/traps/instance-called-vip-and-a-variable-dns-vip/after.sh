#!/bin/sh
DNS_VIP=192.0.2.53
if [ "$DNS_VIP" = "$4" ]; then act same; fi
[ "$3" = MASTER ] && ip addr add "$DNS_VIP/32" dev lo
exit 0
