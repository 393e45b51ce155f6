#!/bin/bash
case $2 in
  GW) act one ;&
  LAN) act two ;;
  DMZ) act three ;;&
  D*) act four ;;
  *) act five ;;
esac
