#!/bin/bash
services=(haproxy nginx)
for service in "${services[@]}"; do
  systemctl restart "$service"
done
exit 0
