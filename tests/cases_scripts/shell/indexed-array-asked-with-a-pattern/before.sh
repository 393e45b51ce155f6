#!/bin/bash
names=(GW LAN)
if [[ " ${names[*]} " == *" $2 "* ]]; then
  act ours
fi
