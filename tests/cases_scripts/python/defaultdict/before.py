#!/usr/bin/python3
import sys
from collections import defaultdict
weights = defaultdict(lambda: 1, {"GW": 10, "LAN": 5})
print(weights[sys.argv[2]])
