#!/bin/sh
logger -t vrrp_notify "$2 is $3"
pgrep -f keepalived_vrrp >/dev/null && act running
ip -d link show type macvlan | grep -c vrrp_1
