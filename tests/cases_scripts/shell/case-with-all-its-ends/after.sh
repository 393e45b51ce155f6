#!/bin/bash
case $2 in
  GW_v4|GW_v6) act one ;&
  LAN) act two ;;
  DMZ) act three ;;&
  D*) act four ;;
  *) act five ;;
esac
