#!/bin/sh
for a in "$@"; do
  export "$a"
done
if { [ "$INST" = "GW_v4" ] || [ "$INST" = "GW_v6" ]; }; then
  act "$STATE"
fi
