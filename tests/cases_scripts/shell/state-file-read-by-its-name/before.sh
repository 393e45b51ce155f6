#!/bin/bash
if [[ $2 == LAN && $(cat /run/keepalived/GW.state) != MASTER ]]; then
  logger -p daemon.warning "halves differ"
fi
