#!/usr/bin/python3
import sys
print(sys.argv[3] in ("eth10", "veth1", "eth1_2"))
