#!/usr/bin/python3
import re, sys
if re.search("GW|LAN", sys.argv[2]):
    print("ours")
