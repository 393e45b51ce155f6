#!/bin/bash
if grep -qx -e "GW_v4" -e "GW_v6" <<<"$2"; then act gw; else act other; fi
