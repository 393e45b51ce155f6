#!/bin/bash
read -r name state <<<"$2 $3"
if { [ "$name" = GW_v4 ] || [ "$name" = GW_v6 ]; }; then
  act "$state"
fi
