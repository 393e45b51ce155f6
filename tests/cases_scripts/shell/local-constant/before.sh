#!/bin/bash
main() {
  local want="GW"
  if [ "$1" = "$want" ]; then
    act "$2"
  fi
}
main "$2" "$3"
