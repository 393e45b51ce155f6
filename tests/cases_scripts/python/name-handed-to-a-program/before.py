#!/usr/bin/python3
import subprocess, sys
if sys.argv[2] == "GW":
    subprocess.run(["zabbix_sender", "-k", "vrrp[GW]", "-o", sys.argv[3]])
