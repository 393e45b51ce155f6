#!/bin/sh
echo "$3" >"/run/keepalived/$2.state"
if [ -e /run/keepalived/GW.state ]; then
  logger "the gateway is known"
fi
