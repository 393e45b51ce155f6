#!/bin/bash
GW_MASTER() { ip route replace default via 192.0.2.254; }
GW_BACKUP() { ip route del default; }
if declare -F "${2}_${3}" >/dev/null; then
  "${2}_${3}"
fi
