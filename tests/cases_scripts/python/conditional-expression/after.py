#!/usr/bin/python3
import sys
table = 100 if sys.argv[2] in ("GW_v4", "GW_v6") else 200
print(table, not (sys.argv[2] in ("GW_v4", "GW_v6") or sys.argv[2] == "LAN"))
