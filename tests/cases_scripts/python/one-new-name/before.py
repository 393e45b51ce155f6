#!/usr/bin/python3
import re, sys
I = "GW"
T = {"GW": 1}
print(sys.argv[2] == "GW", sys.argv[2] in ("GW", "LAN"), sys.argv[2] == I, T.get(sys.argv[2]), bool(re.match("^GW$", sys.argv[2])))
