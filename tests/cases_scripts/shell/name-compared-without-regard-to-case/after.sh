#!/bin/bash
shopt -s nocasematch
[[ $2 == gw ]] && act gw
exit 0
