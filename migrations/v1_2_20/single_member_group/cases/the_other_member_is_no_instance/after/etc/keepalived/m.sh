#!/bin/sh
logger master
