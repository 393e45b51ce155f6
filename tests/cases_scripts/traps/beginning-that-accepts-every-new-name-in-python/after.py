#!/usr/bin/python3
import re, sys
name = sys.argv[2]
print(name.startswith("GW"), bool(re.match("GW", name)), name.startswith(("LAN", "GW")))
