#!/usr/bin/python3
import subprocess, sys
name, state = sys.argv[2:4]
if name == "GW":
    subprocess.run(["mail", "-s", f"{name} is {state}", "root"], input=b"see the log\n")
