#!/bin/sh
if { [ x$2 = xGW_v4 ] || [ x$2 = xGW_v6 ]; }; then
  act gw
fi
{ [ "X$2" != "XGW_v4" ] && [ "X$2" != "XGW_v6" ]; } && act other
exit 0
