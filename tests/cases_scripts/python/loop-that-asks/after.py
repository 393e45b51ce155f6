#!/usr/bin/python3
import sys
for ours in ("GW_v4", "GW_v6", "LAN"):
    if ours == sys.argv[2]:
        print("ours")
