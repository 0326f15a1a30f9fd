"""Work that queues itself again: one link at a time, and no second chain beside it.

A chain has a name and a token. Whoever begins it anew makes a new token, and the link of the old
one, which may still be queued, ends when its turn comes. So a sweep can begin a chain that may be
dead without making two of one that is alive.
"""

import uuid

from django.core.cache import cache

# In seconds; a chain that stood still for so long is begun anew by a sweep.
LIFE = 3600


def begin(name: str) -> str:
    """A token for the first link."""
    token = uuid.uuid4().hex
    cache.set(_key(name), token, timeout=LIFE)
    return token


def goes_on(name: str, token: str) -> bool:
    """Whether this link is of the newest chain of that name; if so, it lives on."""
    if cache.get(_key(name)) != token:
        return False
    cache.touch(_key(name), timeout=LIFE)
    return True


def _key(name: str) -> str:
    return f"chain-{name}"
