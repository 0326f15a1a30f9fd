"""Work that queues itself again: one link at a time, and no second chain beside it.

A chain has a name and a mark. Whoever begins it anew makes a new mark, and the link with the old
one, which may still be queued, ends when its turn comes. So a sweep can begin a chain that may be
dead without making two of one that is alive.
"""

import uuid

from django.core.cache import cache

# Of a mark, in seconds: longer than any link waits in the queue.
LIFE = 3600


def begin(name: str) -> str:
    """A mark for the first link."""
    mark = uuid.uuid4().hex
    cache.set(_key(name), mark, timeout=LIFE)
    return mark


def goes_on(name: str, mark: str) -> bool:
    """Whether this link is of the newest chain of that name; if so, it lives on."""
    if cache.get(_key(name)) != mark:
        return False
    cache.touch(_key(name), timeout=LIFE)
    return True


def _key(name: str) -> str:
    return f"chain-{name}"
