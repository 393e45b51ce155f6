#!/bin/sh
for service in haproxy nginx; do
  systemctl restart "$service"
done
[ "$2" = haproxy ] && logger "haproxy is $3"
exit 0
