#!/usr/bin/python3
import subprocess, sys
DNS_VIP = "192.0.2.53"
if sys.argv[3] == "MASTER":
    subprocess.call(["ip", "addr", "add", DNS_VIP, "dev", "lo"])
