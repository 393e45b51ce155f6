#!/bin/sh
OURS="GW_v4,GW_v6,LAN"
case ",$OURS," in *",$2,"*) act ours ;; esac
