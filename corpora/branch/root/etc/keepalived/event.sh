#!/bin/sh
# INSTANCE name state priority
case "$2/$3" in
    LAN/MASTER) echo active ;;
    LAN/*) echo standby ;;
esac >/run/branch-role
