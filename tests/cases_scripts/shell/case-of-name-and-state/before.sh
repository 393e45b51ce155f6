#!/bin/sh
case "$2:$3" in
  GW:MASTER) act up ;;
  GW:BACKUP|GW:FAULT) act down ;;
  *:STOP) act stopped ;;
  *) act "${3}" ;;
esac
