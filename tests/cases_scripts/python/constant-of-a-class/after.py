#!/usr/bin/python3
import sys

class Settings:
    INSTANCE = ("GW_v4", "GW_v6")
    ADDRESS = "192.0.2.1"

class Handler:
    def run(self, name, state):
        if name in Settings.INSTANCE:
            print(state, Settings.ADDRESS)

Handler().run(sys.argv[2], sys.argv[3])
