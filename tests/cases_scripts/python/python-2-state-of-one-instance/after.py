#!/usr/bin/python
import os, sys
kind, name, state = sys.argv[1:4]
if name in ("GW_v4", "GW_v6") and state == "MASTER":
    print "taking over"
    os.system("ip route replace default via 192.0.2.1")
elif name not in ("GW_v4", "GW_v6"):
    print >>sys.stderr, "not ours"
