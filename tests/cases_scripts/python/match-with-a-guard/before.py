#!/usr/bin/python3
import sys
match sys.argv[2]:
    case "GW" if sys.argv[3] == "MASTER":
        print("up")
    case "GW":
        print("down")
    case other:
        print("other")
