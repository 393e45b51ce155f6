#!/bin/bash
payload="{\"name\": \"$2\", \"state\": \"$3\"}"
if [ "$2" == "GW" ] || [ "$2" == "LAN" ]; then
  curl -s -d "$payload" "https://hooks.example.net/vrrp/$2"
fi
