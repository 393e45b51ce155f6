#!/bin/sh
if [ "$2" = GW -o "$1" = GW ]; then
  act either
fi
