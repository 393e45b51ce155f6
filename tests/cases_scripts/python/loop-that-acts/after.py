#!/usr/bin/python3
import subprocess
for name in ["GW", "LAN"]:
    subprocess.call(["systemctl", "restart", "vrrp-" + name])
