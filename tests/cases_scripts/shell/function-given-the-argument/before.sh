#!/bin/sh
up() {
  if [ "$1" = GW ]; then
    act up
    return
  fi
  act other
}
up "$2"
