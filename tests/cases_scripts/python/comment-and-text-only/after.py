#!/usr/bin/python3
"""Tells of GW."""
import sys
# GW is the gateway
print("GW or LAN:", sys.argv[3])
