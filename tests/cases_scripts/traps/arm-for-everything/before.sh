#!/bin/sh
case "$2" in
  LAN) act lan ;;
  *) act rest "$3" ;;
esac
