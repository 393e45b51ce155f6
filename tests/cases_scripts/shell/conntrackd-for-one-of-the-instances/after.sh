#!/bin/sh
D=/usr/sbin/conntrackd
C=/etc/conntrackd/conntrackd.conf
{ [ "$2" = "GW_v4" ] || [ "$2" = "GW_v6" ]; } || exit 0
case "$3" in
  MASTER)
    $D -C $C -c || logger -t ct "commit failed"
    $D -C $C -f
    $D -C $C -R
    $D -C $C -B
    ;;
  BACKUP)
    if ! $D -C $C -s; then
      [ -f /var/lock/conntrack.lock ] && rm -f /var/lock/conntrack.lock
      $D -C $C -d
    fi
    $D -C $C -t
    $D -C $C -n
    ;;
  FAULT|STOP) $D -C $C -t ;;
esac
