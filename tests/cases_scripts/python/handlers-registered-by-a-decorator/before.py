#!/usr/bin/env python3
import subprocess
import sys

HANDLERS = {}


def on(name, state):
    def register(function):
        HANDLERS[name, state] = function
        return function

    return register


@on("GW", "MASTER")
def up():
    subprocess.call(["ip", "link", "set", "wan0", "up"])


handler = HANDLERS.get((sys.argv[2], sys.argv[3]))
if handler:
    handler()
