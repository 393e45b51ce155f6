#!/usr/bin/python3
import re
import sys

PATTERN = re.compile(r"^(GW|LAN)$")
if not PATTERN.match(sys.argv[2]):
    sys.exit(0)
print(sys.argv[3])
