#!/bin/bash
declare -A SEEN=([GW]=0 [LAN]=0)
SEEN[$2]=$((SEEN[$2] + 1))
act "${SEEN[$2]}"
