#!/usr/bin/env python3
import subprocess
import sys

names = "GW LAN".split()
if sys.argv[2] in names:
    subprocess.call(["logger", sys.argv[2], sys.argv[3]])
