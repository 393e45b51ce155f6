#!/bin/sh
if ! [ "$2" = GW ]; then
  act other
fi
[ ! "$2" = "GW" ] && act again
exit 0
