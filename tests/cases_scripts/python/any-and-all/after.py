#!/usr/bin/python3
import sys
OURS = ["GW_v4", "GW_v6", "LAN"]
print(any(sys.argv[2] == ours for ours in OURS))
