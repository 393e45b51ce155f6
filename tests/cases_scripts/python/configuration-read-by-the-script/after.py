#!/usr/bin/python3
import configparser, sys
settings = configparser.ConfigParser()
settings.read("/etc/keepalived/hook.ini")
if settings.has_section(sys.argv[2]):
    print(settings[sys.argv[2]]["device"])
