#!/bin/sh
case "$2-$3" in
  GW-MASTER) act up ;;
  GW-*) act down ;;
esac
