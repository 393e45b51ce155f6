#!/bin/sh
export KA_NAME="$2" KA_STATE="$3"
if { [ "$KA_NAME" = GW_v4 ] || [ "$KA_NAME" = GW_v6 ]; }; then
  act hook
fi
