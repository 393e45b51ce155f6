#!/bin/sh
NAME=${2:-GW}
STATE=${3:-MASTER}
if [ "$NAME" = GW ]; then
  act "$STATE"
fi
