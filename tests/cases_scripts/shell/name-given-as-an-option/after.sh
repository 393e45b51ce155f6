#!/bin/bash
while [[ $# -gt 0 ]]; do
  case $1 in
    --state) state=$2; shift 2 ;;
    --vip) vip=$2; shift 2 ;;
    *) exit 64 ;;
  esac
done
if [[ ( "$vip" == "GW_v4" || "$vip" == "GW_v6" ) && "$state" != "FAULT" ]]; then
  zabbix_sender -k vip.state -o "$state"
fi
