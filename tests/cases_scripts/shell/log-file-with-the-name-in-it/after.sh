#!/bin/sh
LOG=/var/log/keepalived/GW.log
echo "$2 $3" >>"$LOG"
