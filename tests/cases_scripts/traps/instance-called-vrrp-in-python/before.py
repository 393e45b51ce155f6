#!/usr/bin/python3
import sys
vrrp_state = sys.argv[3]
myvrrp = {"vrrps": 1, "vrrp_script": 2}
print(vrrp_state, myvrrp.get("vrrp_script"))
