#!/bin/bash
case $2 in
  (GW_v4|GW_v6) act a ;;
  (LAN | DMZ) act b ;;
esac
