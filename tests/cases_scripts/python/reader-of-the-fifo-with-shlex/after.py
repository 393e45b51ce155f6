#!/usr/bin/env python3
import shlex, sys
for line in open(sys.argv[1]):
    words = shlex.split(line)
    if words[:2] == ["INSTANCE", "GW"]:
        print("list", words[2])
    if words[1] == "GW":
        print("word", words[2])
