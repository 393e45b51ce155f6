#!/bin/sh
for service in haproxy nginx; do
  systemctl restart "$service"
done
[ "$2" = lb ] && logger "haproxy is $3"
exit 0
