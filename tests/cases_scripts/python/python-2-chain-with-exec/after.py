#!/usr/bin/python
import sys
name = sys.argv[2]
if name <> "GW":
    exec "n = 1"
    sys.exit(0)
print 0777, "gateway"
