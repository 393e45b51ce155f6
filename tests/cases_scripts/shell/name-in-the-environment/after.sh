#!/bin/bash
: "${VRRP_STATE:?}"
[[ ( "${VRRP_NAME}" == "GW_v4" || "${VRRP_NAME}" == "GW_v6" ) ]] || exit 0
printf '%s\n' "$VRRP_STATE" >/run/keepalived/state
