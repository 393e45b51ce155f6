#!/bin/sh
[ "$1" = INSTANCE ] && { [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; } && [ "$3" = MASTER ] || [ "$3" = FAULT ] && act taken
{ test "$2" = GW_v4 || test "$2" = GW_v6; } && act a || act b
[ "$2" = LAN ] || { [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; } || { act none; exit 4; }
