#!/bin/bash
setup() {
  local inst=$1 dev=$2
  [ "$NAME" = "$inst" ] || return 0
  ip link set "$dev" up
}
NAME=$2
setup GW wan0
setup LAN lan0
