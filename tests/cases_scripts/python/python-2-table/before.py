#!/usr/bin/python2.7
import sys
DEV = {"GW": "eth0", "LAN": "eth1"}
if DEV.has_key(sys.argv[2]):
    print DEV[sys.argv[2]]
