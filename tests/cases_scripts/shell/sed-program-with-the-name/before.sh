#!/bin/sh
act "$(sed -n 's/^GW=//p' /etc/keepalived/table)"
