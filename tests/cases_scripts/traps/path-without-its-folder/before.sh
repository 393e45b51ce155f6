#!/bin/bash
me=${0##*/}
dir=${0%/*}
file=/var/log/keepalived/x.log
act "$me" "$dir" "${file##*/}" "${file%.*}"
