#!/bin/sh
trap '[ "$2" = GW ] && logger "done with $2"' EXIT
ip link set wan0 up
