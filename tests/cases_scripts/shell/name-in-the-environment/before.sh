#!/bin/bash
: "${VRRP_STATE:?}"
[[ "${VRRP_NAME}" == "GW" ]] || exit 0
printf '%s\n' "$VRRP_STATE" >/run/keepalived/state
