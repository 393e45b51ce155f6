#!/bin/sh
if printf '%s\n' GW LAN | grep -qxF "$2"; then
  logger "$2 is $3"
fi
