#!/usr/bin/python3
import subprocess
import sys

def gateway(state):
    subprocess.call(["act", "gateway", state])

def lan(state):
    subprocess.call(["act", "lan", state])

HANDLERS = {"GW": gateway, "LAN": lan}
handler = HANDLERS.get(sys.argv[2])
if handler:
    handler(sys.argv[3])
