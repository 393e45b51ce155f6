#!/usr/bin/python3
import sys
_, kind, name, state, *rest = sys.argv
print(kind if name == "GW" else "-", state, len(rest))
