#!/usr/bin/python3
import enum, sys

class Instance(enum.Enum):
    GATEWAY = "GW"
    INNER = "LAN"

try:
    instance = Instance(sys.argv[2])
except ValueError:
    sys.exit(1)
print(instance is Instance.GATEWAY)
