#!/usr/bin/python3
import sys
DEVICES = {"WAN": "eth0", "LAN": "eth1"}
if sys.argv[2] in ("WAN", "LAN"):
    print(DEVICES[sys.argv[2]])
if sys.argv[2] == "WAN":
    print("outside")
