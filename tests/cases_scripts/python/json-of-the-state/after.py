#!/usr/bin/python3
import json, subprocess, sys
name, state = sys.argv[2:4]
body = json.dumps({"instance": name, "active": state == "MASTER", "gateway": name in ["GW_v4", "GW_v6"]})
subprocess.run(["curl", "-d", body, "https://hooks.example.net/"])
