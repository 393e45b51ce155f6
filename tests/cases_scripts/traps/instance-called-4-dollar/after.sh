#!/bin/sh
echo "$3" | grep -q 'R4$' && act end
[ "$4" = 14 ] && act fourteen
exit 0
