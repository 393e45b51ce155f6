#!/usr/bin/python2
import sys
if sys.argv[2] in ("GW_v4", "GW_v6", "LAN"):
    print "ours", sys.argv[3]
