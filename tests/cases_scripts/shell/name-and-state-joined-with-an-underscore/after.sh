#!/bin/sh
case "${2}_$3" in
  GW_MASTER) ip route replace default via 192.0.2.254 ;;
  GW_BACKUP|GW_FAULT) ip route del default ;;
esac
