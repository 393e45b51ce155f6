#!/bin/bash
cat >/run/keepalived/collect.conf <<'END'
<Instance "GW">
  Interval 10
</Instance>
END
[[ ( $2 = GW_v4 || $2 = GW_v6 ) ]] && systemctl reload collectd
exit 0
