#!/usr/bin/env python3
import sys
from subprocess import call

match sys.argv[1:4]:
    case ["INSTANCE", "GW", "MASTER"]:
        call(["act", "up"])
    case ["INSTANCE", "GW" | "LAN", state]:
        call(["act", "down", state])
    case ["GROUP", name, _]:
        call(["act", "group"])
    case _:
        sys.exit(3)
