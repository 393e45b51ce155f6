#!/bin/sh
{ [ "$2" = "GW_v4" ] || [ "$2" = "GW_v6" ]; } || exit 0
mail -s "failover" root <<MAIL
The gateway GW changed.
It is $3 now.
MAIL
