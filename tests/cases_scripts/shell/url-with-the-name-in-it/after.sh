#!/bin/sh
{ [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; } || exit 0
curl -fsS "https://status.example.net/api/GW?state=$3"
