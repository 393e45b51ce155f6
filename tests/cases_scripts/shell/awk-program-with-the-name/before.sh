#!/bin/sh
dev=$(awk '$1 == "GW" { print $2 }' /etc/keepalived/table)
act "$dev"
