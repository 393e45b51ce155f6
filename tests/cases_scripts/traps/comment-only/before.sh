#!/bin/sh
# GW: what this is about
act "$3"
