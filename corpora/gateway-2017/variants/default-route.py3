#!/usr/bin/python3
"""Called by keepalived: INSTANCE name state priority. The active router has the default routes."""
import subprocess
import sys

UPLINKS = {
    "GW": (("ip", "198.51.100.1"), ("ip -6", "2001:db8:ff::1")),
}


def main():
    kind, name, state = sys.argv[1:4]
    with open("/run/default-route.log", "a") as log:
        log.write(" ".join(sys.argv[1:]) + "\n")
    if name not in UPLINKS:
        return
    for command, router in UPLINKS[name]:
        if state == "MASTER":
            subprocess.call(command.split() + ["route", "replace", "default", "via", router])
        elif state in ("BACKUP", "FAULT", "STOP"):
            subprocess.call(command.split() + ["route", "del", "default", "via", router])


main()
