#!/bin/sh
# Deploys.
set -eu

count=${#1}
echo "# text" # said
for x in a b; do
  echo "$x"; done
