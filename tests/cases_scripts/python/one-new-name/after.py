#!/usr/bin/python3
import re, sys
I = "EDGE"
T = {"EDGE": 1}
print(sys.argv[2] == "EDGE", sys.argv[2] in ("EDGE", "LAN"), sys.argv[2] == I, T.get(sys.argv[2]), bool(re.match("^EDGE$", sys.argv[2])))
