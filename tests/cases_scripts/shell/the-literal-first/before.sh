#!/bin/bash
[ "GW" = "$2" ] && act single
[[ GW == "$2" ]] && act double
exit 0
