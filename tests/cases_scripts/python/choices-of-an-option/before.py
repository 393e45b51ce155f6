#!/usr/bin/python3
import argparse

parser = argparse.ArgumentParser()
parser.add_argument("--name", required=True)
parser.add_argument("--state", choices=["MASTER", "BACKUP", "FAULT", "STOP"])
args = parser.parse_args()
if args.name == "GW":
    print(args.state)
