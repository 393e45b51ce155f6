#!/bin/bash
case $2 in
  (GW) act a ;;
  (LAN | DMZ) act b ;;
esac
