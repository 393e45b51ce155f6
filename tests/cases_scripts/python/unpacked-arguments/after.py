#!/usr/bin/python3
import sys
_, kind, name, state, *rest = sys.argv
print(kind if name in ("GW_v4", "GW_v6") else "-", state, len(rest))
