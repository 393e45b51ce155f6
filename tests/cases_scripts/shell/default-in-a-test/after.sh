#!/bin/sh
if { [ "${2:-none}" = GW_v4 ] || [ "${2:-none}" = GW_v6 ]; }; then
  act "$3"
fi
