#!/usr/bin/env python3
import subprocess
import sys

name = sys.argv[2] or "GW"
if name in ("GW_v4", "GW_v6"):
    subprocess.call(["ip", "link", "set", "wan0", "up"])
