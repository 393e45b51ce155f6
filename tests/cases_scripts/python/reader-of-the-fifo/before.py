#!/usr/bin/env python3
import sys

with open(sys.argv[1]) as fifo:
    for line in fifo:
        kind, name, state, priority = line.split()
        name = name.strip('"')
        if kind == "INSTANCE" and name == "GW":
            print(state, priority)
