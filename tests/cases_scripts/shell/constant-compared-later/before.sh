#!/bin/bash
INSTANCE="GW"
VIP=192.0.2.1
LOG=/var/log/failover.log

if [ "$2" != "$INSTANCE" ]; then
  echo "not ours: $2" >>$LOG
  exit 0
fi
echo "$3 for $VIP" >>$LOG
[ "$3" = MASTER ] && aws ec2 associate-address --public-ip $VIP
exit 0
