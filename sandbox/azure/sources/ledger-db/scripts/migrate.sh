#!/usr/bin/env bash
# Applies what has not been applied, in order.
set -euo pipefail

for file in migrations/*.sql functions/*.sql; do
  if ! psql -qtAc "SELECT 1 FROM applied WHERE file = '$file'" | grep -q 1; then
    echo "Applying $file"
    psql -q --single-transaction -f "$file" -c "INSERT INTO applied (file) VALUES ('$file')"
  fi
done
