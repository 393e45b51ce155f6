#!/usr/bin/python3
import sys
kind, name, state = sys.argv[1:4]
key = f"{kind}/{name}"
if key in ("INSTANCE/GW_v4", "INSTANCE/GW_v6"):
    print("gateway", state)
elif key == "GROUP/SITE":
    print("site", state)
