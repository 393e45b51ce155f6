#!/usr/bin/env python3
import subprocess
import sys
from collections import namedtuple

Instance = namedtuple("Instance", "name device")
for instance in [Instance("GW", "wan0"), Instance("LAN", "lan0")]:
    if instance.name == sys.argv[2]:
        subprocess.call(["ip", "link", "set", instance.device, "up"])
