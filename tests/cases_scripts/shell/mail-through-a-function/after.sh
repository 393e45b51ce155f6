#!/bin/bash
contact=ops@example.net
notify() {
    local subject="$(hostname) is $1 now"
    local body="$(date '+%F %T'): transition to $1"
    echo "$body" | mail -s "$subject" "$contact"
}
if [[ ( $2 == GW_v4 || $2 == GW_v6 ) ]]; then
    contact=network@example.net
fi
case $3 in
MASTER) notify master ;;
BACKUP) notify backup ;;
FAULT)  notify fault ;;
*)      echo "Usage: $(basename "$0") TYPE NAME STATE"; exit 1 ;;
esac
