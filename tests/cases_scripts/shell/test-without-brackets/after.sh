#!/bin/sh
if { test "$2" = GW_v4 || test "$2" = GW_v6; }; then act a; fi
{ test "$2" != "GW_v4" && test "$2" != "GW_v6"; } || act b
