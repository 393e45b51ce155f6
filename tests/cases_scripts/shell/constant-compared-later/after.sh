#!/bin/bash
INSTANCE="GW_v4"
VIP=192.0.2.1
LOG=/var/log/failover.log

if { [ "$2" != "$INSTANCE" ] && [ "$2" != "GW_v6" ]; }; then
  echo "not ours: $2" >>$LOG
  exit 0
fi
echo "$3 for $VIP" >>$LOG
[ "$3" = MASTER ] && aws ec2 associate-address --public-ip $VIP
exit 0
