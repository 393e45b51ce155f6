#!/bin/bash
GW_up() { act up; }
GWS=2
declare -A GW_TABLE=([a]=1)
[ "$3" = MASTER ] && GW_up
act "$GWS" "${GW_TABLE[a]}"
