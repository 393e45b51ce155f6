#!/bin/bash
main() {
  local want="GW_v4"
  if { [ "$1" = "$want" ] || [ "$1" = "GW_v6" ]; }; then
    act "$2"
  fi
}
main "$2" "$3"
