#!/bin/sh
[ "$2" = "GW" ]
ours=$?
if [ $ours -eq 0 ]; then act ours; else act theirs; fi
