#!/bin/sh
case $2 in
  *_1|VI_1_v4|VI_1_v6) act first ;;
  *_2) act second ;;
esac
