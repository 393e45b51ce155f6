#!/bin/bash
payload="{\"name\": \"$2\", \"state\": \"$3\"}"
if { [ "$2" == "GW_v4" ] || [ "$2" == "GW_v6" ]; } || [ "$2" == "LAN" ]; then
  curl -s -d "$payload" "https://hooks.example.net/vrrp/$2"
fi
