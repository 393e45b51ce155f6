#!/bin/bash
handle() {
  local -r name=$1 state=$2
  declare ours=no
  if [[ $name == "GW" ]]; then ours=yes; fi
  [[ $ours == yes ]] && act "$state"
}
handle "$2" "$3"
