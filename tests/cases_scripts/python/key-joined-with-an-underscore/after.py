#!/usr/bin/env python3
import subprocess
import sys

COMMANDS = {"GW_MASTER": ["ip", "link", "set", "wan0", "up"], "GW_BACKUP": ["ip", "link", "set", "wan0", "down"]}
command = COMMANDS.get("_".join(sys.argv[2:4]))
if command:
    subprocess.call(command)
