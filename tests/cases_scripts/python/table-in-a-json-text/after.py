#!/usr/bin/env python3
import json
import subprocess
import sys

DEVICES = json.loads('{"GW": "wan0", "LAN": "lan0"}')
if sys.argv[2] in DEVICES:
    subprocess.call(["ip", "link", "set", DEVICES[sys.argv[2]], "up"])
