#!/usr/bin/python3
import re, sys
with open(sys.argv[1]) as fifo:
    for line in fifo:
        found = re.match("INSTANCE (GW|LAN) ([A-Z]+) ", line)
        if found:
            print("ours", found.group(2))
