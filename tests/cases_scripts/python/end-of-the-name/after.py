#!/usr/bin/python3
import sys
if sys.argv[2].endswith("_GW"):
    print("a gateway")
if sys.argv[2].endswith(("WAN_GW", "WAN_GW_v4", "WAN_GW_v6")):
    print("the gateway")
