#!/usr/bin/python2
import os, socket, sys
me = socket.gethostname()
if me == "GW":
    print "first", sys.argv[3]
elif os.uname()[1] == "GW":
    print "second", sys.argv[3]
