#!/bin/sh
case $2 in
  *_1) act first ;;
  *_2) act second ;;
esac
