#!/bin/sh
instance="$1"
state="$2"
if [ "$instance" = "GW" -a "$state" = "MASTER" ]; then
  touch /run/keepalived/dns-master
  rndc reload
elif [ "$instance" = "GW" -a "$state" = "BACKUP" ]; then
  rm -f /run/keepalived/dns-master
fi
