#!/usr/bin/python3
import sys
if "%s:%s" % (sys.argv[2], sys.argv[3]) == "GW:MASTER":
    print("up")
