#!/usr/bin/python3
import sys
name = sys.argv[2]
if name.startswith("VI_"):
    print("vrrp")
if name.startswith("VI_1"):
    print("first")
