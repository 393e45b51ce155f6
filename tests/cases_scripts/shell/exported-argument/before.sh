#!/bin/sh
export KA_NAME="$2" KA_STATE="$3"
if [ "$KA_NAME" = GW ]; then
  act hook
fi
