#!/bin/sh
case "$3" in
  MASTER) systemctl start haproxy ;;
  BACKUP|FAULT|STOP) systemctl stop haproxy ;;
esac
