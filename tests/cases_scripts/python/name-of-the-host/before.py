#!/usr/bin/env python3
import os
import socket
import subprocess
import sys

if socket.gethostname() == "GW":
    subprocess.call(["ip", "link", "set", "wan0", "up"])
if os.uname()[1] == "GW":
    print(sys.argv[2])
