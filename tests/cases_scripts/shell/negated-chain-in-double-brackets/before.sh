#!/bin/bash
[[ $1 != INSTANCE ]] && exit 0
[[ ! ( $2 == GW || $2 == LAN ) ]] && exit 0
[[ $2 != GW || $3 != STOP ]] && act "$3"
exit 0
