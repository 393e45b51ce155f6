#!/usr/bin/python3
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--name", required=True)
parser.add_argument("--state", choices=["MASTER", "BACKUP", "FAULT", "STOP"])
args = parser.parse_args()
if args.name in ("GW_v4", "GW_v6"):
    print(args.state)
