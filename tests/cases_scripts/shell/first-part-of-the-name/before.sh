#!/bin/bash
if [ "${2%%_*}" = GW ]; then
  act gw
fi
