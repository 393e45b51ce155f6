#!/usr/bin/python3
import sys
seen = {"GW": 0, "LAN": 0}
seen[sys.argv[2]] = seen.get(sys.argv[2], 0) + 1
print(sorted(seen.items()))
