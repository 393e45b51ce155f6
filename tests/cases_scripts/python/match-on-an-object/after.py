#!/usr/bin/python3
import sys
from dataclasses import dataclass

@dataclass
class Event:
    name: str
    state: str

match Event(*sys.argv[2:4]):
    case Event(name="GW_v4" | "GW_v6", state="MASTER"):
        print("up")
    case Event(name="GW_v4" | "GW_v6"):
        print("down")
