#!/bin/sh
case $2 in GW_v4|GW_v6) act gw;; esac