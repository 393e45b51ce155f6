#!/usr/bin/python3
import sys
vips4 = ["192.0.2.1"]
print({"vips4": 1, "my_vips": 2}.get(sys.argv[3], len(vips4)))
