#!/bin/sh
[ "$1" = GW ] && logger "$2"
