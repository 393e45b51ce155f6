#!/bin/sh
if ! { [ "$2" = GW ] && [ "$3" = MASTER ]; }; then
  act rest
fi
