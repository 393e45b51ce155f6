#!/usr/bin/python
import os, sys
kind, name, state = sys.argv[1:4]
if name == "GW" and state == "MASTER":
    print "taking over"
    os.system("ip route replace default via 192.0.2.1")
elif name != "GW":
    print >>sys.stderr, "not ours"
