#!/usr/bin/python3
import sys
WHAT = dict([("GW", "eth0"), ("LAN", "eth1")])
print(WHAT.get(sys.argv[2], "none"))
