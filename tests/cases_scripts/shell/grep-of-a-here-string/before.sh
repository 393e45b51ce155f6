#!/bin/bash
if grep -qx "GW" <<<"$2"; then act gw; else act other; fi
