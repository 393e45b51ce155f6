#!/bin/sh
P=VI_
if [ "$2" = "${P}1" ]; then
  act first
fi
