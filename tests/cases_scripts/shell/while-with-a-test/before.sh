#!/bin/sh
n=0
while [ "$2" = GW ] && [ $n -lt 3 ]; do
  act round $n
  n=$((n + 1))
done
