#!/bin/sh
n=0
while { [ "$2" = GW_v4 ] || [ "$2" = GW_v6 ]; } && [ $n -lt 3 ]; do
  act round $n
  n=$((n + 1))
done
