#!/bin/sh
awk -v name="$2" -f /dev/stdin <<'PROGRAM'
BEGIN { if (name == "GW") print "the gateway" }
PROGRAM
