#!/usr/bin/python3
import re, sys
print(sys.argv[2] == "VI_10", sys.argv[2] in ("VI_11", "VI_12"), bool(re.match("^VI_1[0-9]$", sys.argv[2])))
