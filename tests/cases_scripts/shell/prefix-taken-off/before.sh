#!/bin/bash
n=${2#VI_}
if [ "$n" = 1 ]; then
  act first
fi
