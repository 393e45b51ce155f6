#!/usr/bin/env python3
"""Called by keepalived."""
import subprocess
import sys

ACTIONS = {"MASTER": "start", "BACKUP": "stop", "FAULT": "stop", "STOP": "stop"}


def run(*words):
    return subprocess.call(list(words))


def main(argv):
    _, kind, name, state = argv[:4]
    if kind != "INSTANCE":
        return 0
    if name == 'GW':
        return run("systemctl", ACTIONS[state], "dnsmasq")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
