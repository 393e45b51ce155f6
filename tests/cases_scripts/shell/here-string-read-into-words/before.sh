#!/bin/bash
read -r name state <<<"$2 $3"
if [ "$name" = GW ]; then
  act "$state"
fi
