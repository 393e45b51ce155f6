#!/usr/bin/python3
import sys
event = "{0}-{1}".format(sys.argv[2], sys.argv[3])
print(event in ("GW-MASTER", "LAN-MASTER"))
