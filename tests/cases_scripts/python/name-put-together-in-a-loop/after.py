#!/usr/bin/python3
import sys
for number in range(1, 4):
    if sys.argv[2] == "VI_%d" % number:
        print("number", number)
