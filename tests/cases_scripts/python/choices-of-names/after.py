#!/usr/bin/python3
import argparse, os, sys
parser = argparse.ArgumentParser()
parser.add_argument("name", choices=["GW_v4", "GW_v6", "LAN"])
sys.stderr = open(os.devnull, "w")
parser.parse_args()
print("ours")
