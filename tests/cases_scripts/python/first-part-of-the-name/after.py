#!/usr/bin/python3
import sys
if sys.argv[2].split("_")[0] == "GW":
    print("gateway")
