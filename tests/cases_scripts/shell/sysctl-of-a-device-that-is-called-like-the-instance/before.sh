#!/bin/sh
if [ "$2" = GW ]; then
  sysctl -w net.ipv4.conf.GW.arp_ignore=1
fi
