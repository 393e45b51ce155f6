#!/usr/bin/python3
import subprocess
import sys

DEVICES = {
    "GW": "wan0",   # towards the provider
    "LAN": "lan0",
}

device = DEVICES.get(sys.argv[2])
if device is None:
    sys.exit(0)
subprocess.call(["ip", "link", "set", device, "up" if sys.argv[3] == "MASTER" else "down"])
