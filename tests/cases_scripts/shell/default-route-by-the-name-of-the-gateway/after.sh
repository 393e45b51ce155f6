#!/bin/sh
# called by keepalived: INSTANCE|GROUP name state priority
TYPE=$1
NAME=$2
STATE=$3

case "$NAME" in
GW_v4|GW_v6)
	case "$STATE" in
	MASTER)
		ip route replace default via 192.0.2.1
		ip -6 route replace default via 2001:db8::1
		;;
	*)
		ip route del default via 192.0.2.1 2>/dev/null
		;;
	esac
	;;
esac
logger -t keepalived "$TYPE $NAME is $STATE"
