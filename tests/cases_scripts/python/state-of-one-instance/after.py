#!/usr/bin/env python3
import subprocess
import sys

kind, name, state = sys.argv[1:4]

if name in ("GW_v4", "GW_v6"):
    if state == "MASTER":
        subprocess.call(["ip", "route", "replace", "default", "via", "192.0.2.1"])
    else:
        subprocess.call(["ip", "route", "del", "default"])
subprocess.call(["logger", "-t", "vrrp", f"{kind} {name} {state}"])
