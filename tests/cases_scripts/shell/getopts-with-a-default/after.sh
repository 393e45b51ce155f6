#!/bin/sh
NAME=GW
while getopts n:s: o; do
  case $o in n) NAME=$OPTARG ;; s) STATE=$OPTARG ;; esac
done
[ "$NAME" = GW ] && act "$STATE"
