#!/bin/sh
case ",GW,DMZ," in
  *",$2,"*) logger "$2 is $3" ;;
esac
