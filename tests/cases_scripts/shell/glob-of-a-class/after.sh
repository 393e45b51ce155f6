#!/bin/sh
case $2 in
  VI_[12]|VI_1_v4|VI_1_v6|VI_2_v4|VI_2_v6) act ours ;;
  VI_[3-9]) act theirs ;;
esac
