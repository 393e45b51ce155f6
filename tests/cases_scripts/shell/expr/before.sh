#!/bin/sh
if [ "$(expr "$2" : 'GW$')" -gt 0 ]; then
  act gw
fi
