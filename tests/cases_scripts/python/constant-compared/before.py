#!/usr/bin/env python3
import logging
import sys

INSTANCE = "GW"
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s", level=logging.INFO)


def main():
    if sys.argv[2] != INSTANCE:
        logging.info("not ours")
        return 0
    logging.warning("now %s", sys.argv[3])
    return 0


sys.exit(main())
