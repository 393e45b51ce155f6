#!/usr/bin/python3
import subprocess, sys
if sys.argv[2] in ("GW_v4", "GW_v6"):
    subprocess.run(["zabbix_sender", "-k", "vrrp[GW]", "-o", sys.argv[3]])
