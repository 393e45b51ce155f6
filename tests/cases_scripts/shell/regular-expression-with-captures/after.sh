#!/bin/bash
if [[ $2 =~ ^(GW)(.*)$ ]]; then
  act "${BASH_REMATCH[2]}"
fi
