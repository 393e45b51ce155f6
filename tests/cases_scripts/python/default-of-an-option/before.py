#!/usr/bin/python3
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("--name", default="GW")
parser.add_argument("--state")
args = parser.parse_args()
if args.name == "GW":
    print(args.state)
