#!/bin/sh
OURS="LAN GW_v4 GW_v6"
case " $OURS " in
  *" $2 "*) ;;
  *) exit 0 ;;
esac
act "$3"
