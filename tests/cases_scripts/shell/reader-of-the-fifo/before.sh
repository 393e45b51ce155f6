#!/bin/bash
FIFO=$1
while read -r line; do
  set -- $line
  TYPE=$1
  if [[ $TYPE = INSTANCE ]]; then
    NAME=${2//\"/}
    STATE=$3
    [[ $NAME = GW && $STATE = MASTER ]] && ip route add default via 192.0.2.1
  elif [[ $TYPE = GROUP ]]; then
    logger "group $2 $3"
  fi
done <"$FIFO"
