#!/bin/bash
case $2 in
  VI_10|VI_11) act ten ;;
  VI_1[0-9]) act teens ;;
esac
[[ $2 =~ ^VI_1[0-9]$ ]] && act matched
echo "$2" | grep -qx VI_10 && act grep
exit 0
