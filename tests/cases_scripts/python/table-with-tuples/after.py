#!/usr/bin/python3
import subprocess, sys
WHAT = {"GW_v4": ("192.0.2.1", "eth0"), "GW_v6": ("192.0.2.1", "eth0"), "LAN": ("198.51.100.1", "eth1")}
if sys.argv[2] in WHAT:
    address, device = WHAT[sys.argv[2]]
    subprocess.call(["arping", "-U", "-I", device, address])
