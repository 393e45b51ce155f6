#!/bin/sh
for n in GW LAN; do
  systemctl restart "vrrp-$n"
done
