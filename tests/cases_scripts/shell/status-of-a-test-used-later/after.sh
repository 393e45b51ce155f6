#!/bin/sh
{ [ "$2" = "GW_v4" ] || [ "$2" = "GW_v6" ]; }
ours=$?
if [ $ours -eq 0 ]; then act ours; else act theirs; fi
