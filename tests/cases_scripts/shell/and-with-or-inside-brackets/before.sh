#!/bin/sh
if [ "$3" = MASTER -a "$2" = GW -o "$3" = FAULT ]; then
  act mixed
fi
