#!/usr/bin/python3
import sys
for ours in ("GW", "LAN"):
    if ours == sys.argv[2]:
        print("ours")
