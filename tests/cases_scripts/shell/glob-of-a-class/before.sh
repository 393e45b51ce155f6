#!/bin/sh
case $2 in
  VI_[12]) act ours ;;
  VI_[3-9]) act theirs ;;
esac
