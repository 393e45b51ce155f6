#!/bin/sh
gw=$(ip route | awk '{ print $2 $3 }')
state=$3
act "$gw" "$state" ${2:+given}
