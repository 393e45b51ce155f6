#!/bin/bash
handle() {
  local -r name=$1 state=$2
  declare ours=no
  if [[ ( $name == "GW_v4" || $name == "GW_v6" ) ]]; then ours=yes; fi
  [[ $ours == yes ]] && act "$state"
}
handle "$2" "$3"
