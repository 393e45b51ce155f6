#!/bin/sh
grep -qx "$2" /etc/keepalived/ours || exit 0
act ours
