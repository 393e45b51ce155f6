#!/bin/sh
if [ "$2" = GW ]; then
    logger "$3"
fi
