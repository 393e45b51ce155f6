#!/bin/sh
case $2 in GW) act gw;; esac