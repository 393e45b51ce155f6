#!/usr/bin/python3
import sys
print(142, "420", "x42", int(sys.argv[4]) > 420)
