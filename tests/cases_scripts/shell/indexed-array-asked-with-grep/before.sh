#!/bin/bash
names=(GW LAN)
if printf '%s\n' "${names[@]}" | grep -qxF -- "$2"; then
  act ours
fi
