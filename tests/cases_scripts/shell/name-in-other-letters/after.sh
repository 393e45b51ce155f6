#!/bin/bash
name=${2,,}
[ "$name" = gw ] && act gw
exit 0
