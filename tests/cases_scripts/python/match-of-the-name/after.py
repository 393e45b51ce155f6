#!/usr/bin/env python3
import sys
from subprocess import call

match sys.argv[1:4]:
    case ["INSTANCE", "GW_v4" | "GW_v6", "MASTER"]:
        call(["act", "up"])
    case ["INSTANCE", "GW_v4" | "GW_v6" | "LAN", state]:
        call(["act", "down", state])
    case ["GROUP", name, _]:
        call(["act", "group"])
    case _:
        sys.exit(3)
