#!/bin/bash
[[ ( $2 == VI_? || $2 == VI_1_v4 || $2 == VI_1_v6 ) ]] && act one
[[ $2 == VI_1* ]] && act two
[[ ( $2 != *_1 && $2 != VI_1_v4 && $2 != VI_1_v6 ) ]] && act three
exit 0
