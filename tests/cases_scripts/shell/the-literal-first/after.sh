#!/bin/bash
{ [ "GW_v4" = "$2" ] || [ "GW_v6" = "$2" ]; } && act single
[[ ( GW_v4 == "$2" || GW_v6 == "$2" ) ]] && act double
exit 0
