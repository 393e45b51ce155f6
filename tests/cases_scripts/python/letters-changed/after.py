#!/usr/bin/python3
import sys
if sys.argv[2].lower() == "gw":
    print("gateway")
