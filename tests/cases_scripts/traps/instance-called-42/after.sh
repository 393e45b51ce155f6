#!/bin/bash
n=$((42 + 1))
[ "$4" -gt 42 ] && exit 42
act $n 142 420
