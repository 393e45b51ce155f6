#!/bin/sh
[ "$2"x = GWx ] && ip route replace default via 192.0.2.254
exit 0
