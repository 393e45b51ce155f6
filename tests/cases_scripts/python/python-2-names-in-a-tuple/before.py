#!/usr/bin/python2
import sys
if sys.argv[2] in ("GW", "LAN"):
    print "ours", sys.argv[3]
