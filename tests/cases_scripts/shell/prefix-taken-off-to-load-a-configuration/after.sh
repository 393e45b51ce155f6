#!/bin/bash
host=${2#nv_inst_}
[ -r "/etc/keepalived/$host.conf" ] || exit 0
. "/etc/keepalived/$host.conf"
act "$3" "$dev"
