#!/usr/bin/python2
import sys
INSTANCE = u"GW"
try:
    if sys.argv[2] == INSTANCE:
        print `sys.argv[3]`
except IndexError, error:
    sys.exit(1)
