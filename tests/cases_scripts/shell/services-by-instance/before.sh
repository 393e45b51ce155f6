#!/bin/bash
name=$2
state=$3
if [ "$name" = "GW" ]; then
    service=dnsmasq
elif [ "$name" = "LAN" ]; then
    service=isc-dhcp-server
else
    logger -t notify "no service for $name"
    exit 0
fi
if [ "$state" = MASTER ]; then
    systemctl start $service
else
    systemctl stop $service
fi
