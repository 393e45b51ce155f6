#!/bin/sh
OURS="LAN GW"
case " $OURS " in
  *" $2 "*) ;;
  *) exit 0 ;;
esac
act "$3"
