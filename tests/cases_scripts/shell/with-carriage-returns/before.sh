#!/bin/sh
if [ "$2" = "GW" ]; then :
  act gw
fi
