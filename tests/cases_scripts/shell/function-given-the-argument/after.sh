#!/bin/sh
up() {
  if { [ "$1" = GW_v4 ] || [ "$1" = GW_v6 ]; }; then
    act up
    return
  fi
  act other
}
up "$2"
