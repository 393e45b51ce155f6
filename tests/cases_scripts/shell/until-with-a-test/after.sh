#!/bin/bash
i=0
until [[ ( $2 != GW_v4 && $2 != GW_v6 ) || $i -ge 2 ]]; do
  act again
  i=$((i + 1))
done
