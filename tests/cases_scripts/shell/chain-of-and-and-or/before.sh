#!/bin/sh
[ "$1" = INSTANCE ] && [ "$2" = GW ] && [ "$3" = MASTER ] || [ "$3" = FAULT ] && act taken
test "$2" = GW && act a || act b
[ "$2" = LAN ] || [ "$2" = GW ] || { act none; exit 4; }
