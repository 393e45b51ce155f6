#!/bin/bash
if grep -q GW <<< "$2"; then
  ip route replace default via 192.0.2.254
fi
