#!/bin/sh
sh -c 'if [ "$1" = GW ]; then ip link set wan0 up; fi' hook "$2"
