#!/bin/sh
if test "$2" = GW; then act a; fi
test "$2" != "GW" || act b
