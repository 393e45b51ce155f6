#!/bin/sh
for a in "$@"; do
  export "$a"
done
if [ "$INST" = "GW" ]; then
  act "$STATE"
fi
