#!/usr/bin/python3
import sys
kind, name, state = sys.argv[1:4]
key = f"{kind}/{name}"
if key == "INSTANCE/GW":
    print("gateway", state)
elif key == "GROUP/SITE":
    print("site", state)
