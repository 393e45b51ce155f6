#!/bin/sh
# Was run by a shell before keepalived 2.0.0; see keepalived.conf.
! pidof backup
