#!/usr/bin/env python3
import subprocess
import sys

name = sys.argv[2] or "GW"
if name == "GW":
    subprocess.call(["ip", "link", "set", "wan0", "up"])
