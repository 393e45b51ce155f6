#!/usr/bin/env python3
import logging
import sys

INSTANCE = ("GW_v4", "GW_v6")
logging.basicConfig(stream=sys.stdout, format="%(levelname)s %(message)s", level=logging.INFO)


def main():
    if sys.argv[2] not in INSTANCE:
        logging.info("not ours")
        return 0
    logging.warning("now %s", sys.argv[3])
    return 0


sys.exit(main())
