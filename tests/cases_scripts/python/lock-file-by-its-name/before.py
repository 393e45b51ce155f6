#!/usr/bin/python3
import fcntl, sys
if sys.argv[2] != "GW":
    sys.exit()
lock = open("/run/lock/GW.lock", "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print(sys.argv[3])
