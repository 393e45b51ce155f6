#!/usr/bin/python3
import sys
OURS = {"GW", "LAN"}
if sys.argv[2] not in OURS:
    sys.exit(0)
print(sys.argv[3])
