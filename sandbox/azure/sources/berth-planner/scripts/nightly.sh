#!/bin/sh
# Plans the next day and leaves the result where the office looks for it.
set -eu

day=$(date -u -d tomorrow +%F)
out="/srv/plans/$day.txt"

if [ -e "$out" ]; then
    echo "There is a plan for $day already" >&2
    exit 0
fi

python -m berths plan "/srv/arrivals/$day.csv" --harbor /srv/quayside.toml > "$out.part"
mv "$out.part" "$out"
