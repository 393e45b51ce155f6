#!/bin/bash
names=(GW_v4 GW_v6 LAN)
if printf '%s\n' "${names[@]}" | grep -qxF -- "$2"; then
  act ours
fi
