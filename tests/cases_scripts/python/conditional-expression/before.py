#!/usr/bin/python3
import sys
table = 100 if sys.argv[2] == "GW" else 200
print(table, not (sys.argv[2] == "GW" or sys.argv[2] == "LAN"))
