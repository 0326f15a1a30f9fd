"""Counting lines of code: an archive in, lines by language out. Knows no framework."""

from projects.counting.counter import Counter, version
from projects.counting.errors import NotCounted, ToolFailed
from projects.counting.model import Count, LeftOut, Lines, Reason

__all__ = ["Count", "Counter", "LeftOut", "Lines", "NotCounted", "Reason", "ToolFailed", "version"]
