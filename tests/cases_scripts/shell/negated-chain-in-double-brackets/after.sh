#!/bin/bash
[[ $1 != INSTANCE ]] && exit 0
[[ ! ( ( $2 == GW_v4 || $2 == GW_v6 ) || $2 == LAN ) ]] && exit 0
[[ ( $2 != GW_v4 && $2 != GW_v6 ) || $3 != STOP ]] && act "$3"
exit 0
