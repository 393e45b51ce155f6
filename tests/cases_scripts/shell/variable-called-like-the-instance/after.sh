#!/bin/bash
GW=192.0.2.254
LAN=198.51.100.254
[ "$3" = MASTER ] && ip route replace default via "${!2}"
exit 0
