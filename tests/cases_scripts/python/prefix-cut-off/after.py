#!/usr/bin/python3
import sys
if sys.argv[2][3:] == "1":
    print("first")
