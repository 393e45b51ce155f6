#!/usr/bin/python3
import sys
def on_GW(state):
    print("gateway", state)
def on_LAN(state):
    print("lan", state)
handler = globals().get("on_" + sys.argv[2])
if handler:
    handler(sys.argv[3])
