#!/bin/bash
[[ $2 == VI_? ]] && act one
[[ $2 == VI_1* ]] && act two
[[ $2 != *_1 ]] && act three
exit 0
