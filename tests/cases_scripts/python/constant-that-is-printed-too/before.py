#!/usr/bin/python3
import sys
INSTANCE = "GW"
if sys.argv[2] == INSTANCE:
    print("this is", INSTANCE)
