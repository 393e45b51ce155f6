#!/bin/sh
if { [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ] || [ "$2" = GW ]; }; then
    logger "$3"
fi
