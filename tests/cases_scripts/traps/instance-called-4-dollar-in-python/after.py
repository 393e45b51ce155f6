#!/usr/bin/python3
import re, sys
print(bool(re.search("x4$", sys.argv[3])), sys.argv[3] == "4")
