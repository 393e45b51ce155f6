#!/usr/bin/python3
import sys
PREFIX = "VI_"
if sys.argv[2] == PREFIX + "1":
    print("first")
