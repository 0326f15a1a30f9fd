"""Counting lines of code: an archive in, lines by language out. Knows no framework."""
