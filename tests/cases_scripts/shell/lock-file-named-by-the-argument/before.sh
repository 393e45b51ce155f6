#!/bin/bash
TYPE=$1 NAME=$2 STATE=$3
f=/run/keepalived/$NAME.state
old=$(cat "$f" 2>/dev/null)
echo "$STATE" >"$f"
[ "$NAME" = GW ] && [ "$STATE" != "$old" ] && systemctl reload bird
exit 0
