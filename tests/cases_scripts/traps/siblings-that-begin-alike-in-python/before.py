#!/usr/bin/python3
import sys
match sys.argv[2]:
    case "GW_DNS":
        print("dns")
    case "GW2" | "LGW":
        print("other")
