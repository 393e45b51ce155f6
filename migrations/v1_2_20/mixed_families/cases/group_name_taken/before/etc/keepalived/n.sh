#!/bin/sh
case "$2" in
GW) logger "$3" ;;
esac
