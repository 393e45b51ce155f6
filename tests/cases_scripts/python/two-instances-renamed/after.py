#!/usr/bin/python3
import sys
DEVICES = {"WAN_v4": "eth0", "WAN_v6": "eth0", "LAN_v4": "eth1", "LAN_v6": "eth1"}
if sys.argv[2] in ("WAN_v4", "WAN_v6", "LAN_v4", "LAN_v6"):
    print(DEVICES[sys.argv[2]])
if sys.argv[2] in ("WAN_v4", "WAN_v6"):
    print("outside")
