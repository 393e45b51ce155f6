#!/bin/sh
id=$(echo "$2" | cut -d_ -f2)
[ "$id" -eq 51 ] 2>/dev/null && act fifty-one
exit 0
