#!/bin/sh
case "$2:$3" in
  GW_v4:MASTER|GW_v6:MASTER) act up ;;
  GW_v4:BACKUP|GW_v6:BACKUP|GW_v4:FAULT|GW_v6:FAULT) act down ;;
  *:STOP) act stopped ;;
  *) act "${3}" ;;
esac
