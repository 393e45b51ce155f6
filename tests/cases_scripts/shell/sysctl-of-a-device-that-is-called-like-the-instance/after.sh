#!/bin/sh
if { [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; }; then
  sysctl -w net.ipv4.conf.GW.arp_ignore=1
fi
