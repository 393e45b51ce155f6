#!/usr/bin/python3
import configparser, sys
settings = configparser.ConfigParser()
settings.read("/etc/keepalived/hook.ini")
print(settings.get("GW", "device"))
