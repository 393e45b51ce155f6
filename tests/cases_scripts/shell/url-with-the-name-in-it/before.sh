#!/bin/sh
[ "$2" = GW ] || exit 0
curl -fsS "https://status.example.net/api/GW?state=$3"
