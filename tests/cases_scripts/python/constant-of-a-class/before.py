#!/usr/bin/python3
import sys

class Settings:
    INSTANCE = "GW"
    ADDRESS = "192.0.2.1"

class Handler:
    def run(self, name, state):
        if name == Settings.INSTANCE:
            print(state, Settings.ADDRESS)

Handler().run(sys.argv[2], sys.argv[3])
