#!/usr/bin/python3
import sys
number = int(sys.argv[2].split("_")[-1]) if sys.argv[2].startswith("VI_") else 0
if number == 51:
    print("ours")
