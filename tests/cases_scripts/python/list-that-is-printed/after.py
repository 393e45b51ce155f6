#!/usr/bin/python3
import sys
OURS = ["GW", "LAN"]
if sys.argv[2] in OURS:
    print("one of", ", ".join(OURS))
