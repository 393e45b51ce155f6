#!/usr/bin/python3
import subprocess
subprocess.call(["pkill", "-x", "GWdaemon"])
subprocess.call(["systemctl", "start", "GW_helper"])
