#!/bin/bash
declare -A run=(["GW:MASTER"]="ip route replace default via 192.0.2.254" ["GW:BACKUP"]="ip route del default")
${run["$2:$3"]}
