#!/bin/bash
TYPE=$1
NAME=$2
STATE=$3
echo "$TYPE $NAME -> $STATE" >/proc/1/fd/1
if { [ "$NAME" != "GW_v4" ] && [ "$NAME" != "GW_v6" ]; }; then
  exit 0
fi
case $STATE in
  "MASTER") curl -s -X POST http://127.0.0.1:8080/up
            exit 0
            ;;
  "BACKUP"|"FAULT") curl -s -X POST http://127.0.0.1:8080/down
            exit 0
            ;;
  *) echo "unknown state $STATE"
     exit 1
     ;;
esac
