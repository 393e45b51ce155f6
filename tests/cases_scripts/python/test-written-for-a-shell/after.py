#!/usr/bin/env python3
import os
import sys

os.system("[ '%s' = GW ] && ip link set wan0 up" % sys.argv[2])
