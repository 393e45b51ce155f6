#!/bin/bash
if [[ "${2}x" == GW* ]]; then
  ip route replace default via 192.0.2.254
fi
