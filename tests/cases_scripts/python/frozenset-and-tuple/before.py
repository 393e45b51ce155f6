#!/usr/bin/python3
import sys
INNER = frozenset(["LAN", "DMZ"])
OUTER = ("GW",)
name = sys.argv[2]
print(name in INNER, name in OUTER)
