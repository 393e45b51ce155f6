#!/usr/bin/python3
import os
if os.environ.get("VRRP_NAME") in ("GW_v4", "GW_v6"):
    print(os.environ["VRRP_STATE"])
