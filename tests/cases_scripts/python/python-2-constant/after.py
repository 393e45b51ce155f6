#!/usr/bin/python2
import sys
INSTANCE = (u"GW_v4", u"GW_v6")
try:
    if sys.argv[2] in INSTANCE:
        print `sys.argv[3]`
except IndexError, error:
    sys.exit(1)
