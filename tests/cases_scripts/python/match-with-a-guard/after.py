#!/usr/bin/python3
import sys
match sys.argv[2]:
    case "GW_v4" | "GW_v6" if sys.argv[3] == "MASTER":
        print("up")
    case "GW_v4" | "GW_v6":
        print("down")
    case other:
        print("other")
