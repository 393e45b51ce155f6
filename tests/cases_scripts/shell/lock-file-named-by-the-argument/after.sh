#!/bin/bash
TYPE=$1 NAME=$2 STATE=$3
f=/run/keepalived/$NAME.state
old=$(cat "$f" 2>/dev/null)
echo "$STATE" >"$f"
{ [ "$NAME" = GW_v4 ] || [ "$NAME" = GW_v6 ]; } && [ "$STATE" != "$old" ] && systemctl reload bird
exit 0
