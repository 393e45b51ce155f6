#!/bin/bash
select n in GW LAN; do
  [ "$n" = "$2" ] && act "$n"
  break
done
