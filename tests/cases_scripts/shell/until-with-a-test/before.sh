#!/bin/bash
i=0
until [[ $2 != GW || $i -ge 2 ]]; do
  act again
  i=$((i + 1))
done
