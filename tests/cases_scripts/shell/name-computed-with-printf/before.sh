#!/bin/bash
for i in 1 2 3; do
  name=$(printf 'VI_%d' "$i")
  [ "$name" = "$2" ] && act "$i"
done
exit 0
