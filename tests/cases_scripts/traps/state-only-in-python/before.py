#!/usr/bin/python3
import subprocess, sys
subprocess.call(["systemctl", "start" if sys.argv[3] == "MASTER" else "stop", "haproxy"])
