#!/bin/bash
names=(GW_v4 GW_v6 LAN)
if [[ " ${names[*]} " == *" $2 "* ]]; then
  act ours
fi
