#!/bin/sh
if [ x$2 = xGW ]; then
  act gw
fi
[ "X$2" != "XGW" ] && act other
exit 0
