#!/bin/sh
if [ "${2:-none}" = GW ]; then
  act "$3"
fi
