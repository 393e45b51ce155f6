#!/bin/bash
handle_GW() { act gw "$1"; }
handle_LAN() { act lan "$1"; }
if declare -F "handle_$2" >/dev/null; then
  "handle_$2" "$3"
fi
