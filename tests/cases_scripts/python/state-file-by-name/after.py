#!/usr/bin/python3
import os, sys
name, state = sys.argv[2:4]
with open(os.path.join("/run/keepalived", name + ".state"), "w") as file:
    file.write(state + "\n")
if name in ("GW_v4", "GW_v6") and state == "MASTER":
    open("/run/keepalived/active", "w").close()
