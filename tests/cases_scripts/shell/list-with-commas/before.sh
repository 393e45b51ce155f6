#!/bin/sh
OURS="GW,LAN"
case ",$OURS," in *",$2,"*) act ours ;; esac
