#!/usr/bin/python3
import os
import sys

if len(sys.argv) < 4 or sys.argv[2] != "GW":
    sys.exit(0)
if sys.argv[3] in ("MASTER", "BACKUP"):
    os.system("systemctl reload bird")
else:
    os.system("systemctl stop bird")
