#!/usr/bin/env python3
import subprocess
import sys

ACTIONS = {"haproxy": "reload", "nginx": "restart"}
for service, action in ACTIONS.items():
    subprocess.call(["systemctl", action, service])
