#!/usr/bin/python3
import sys
if "%s:%s" % (sys.argv[2], sys.argv[3]) in ("GW_v4:MASTER", "GW_v6:MASTER"):
    print("up")
