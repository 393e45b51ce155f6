#!/usr/bin/python3
import sys
OURS = ["GW", "LAN"]
print(any(sys.argv[2] == ours for ours in OURS))
