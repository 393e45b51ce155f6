#!/bin/sh
# GW is the gateway of the site
logger -t vrrp "GW or LAN: $2 is $3"
