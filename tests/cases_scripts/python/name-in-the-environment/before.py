#!/usr/bin/python3
import os
if os.environ.get("VRRP_NAME") == "GW":
    print(os.environ["VRRP_STATE"])
