#!/bin/sh
instance="$1"
state="$2"
if { [ "$instance" = "GW_v4" -a "$state" = "MASTER" ] || [ "$instance" = "GW_v6" -a "$state" = "MASTER" ]; }; then
  touch /run/keepalived/dns-master
  rndc reload
elif { [ "$instance" = "GW_v4" -a "$state" = "BACKUP" ] || [ "$instance" = "GW_v6" -a "$state" = "BACKUP" ]; }; then
  rm -f /run/keepalived/dns-master
fi
