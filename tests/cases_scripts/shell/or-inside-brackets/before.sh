#!/bin/sh
if [ "$2" = GW -o "$2" = LAN ]; then
  act ours
fi
