"""Work that queues itself again: one link at a time, and no second chain beside it.

A chain has a name, and while it lives a mark. Beginning one that has a mark changes nothing.
Whoever has seen that it is dead begins it anew: with a new mark, so that a link with the old one,
which may still be queued, ends when its turn comes.
"""

import uuid

from django.core.cache import cache

# Of a mark, in seconds: longer than any link waits in the queue.
LIFE = 3600
# For so long one that was begun anew may wait for its first turn, before that is done again.
PATIENCE = 600


def begin(name: str, *, anew: bool = False) -> str | None:
    """A mark for the first link; None where there need be none."""
    mark = uuid.uuid4().hex
    if anew:
        if not cache.add(_begun(name), mark, timeout=PATIENCE):
            return None
        cache.set(_key(name), mark, timeout=LIFE)
        return mark
    return mark if cache.add(_key(name), mark, timeout=LIFE) else None


def goes_on(name: str, mark: str) -> bool:
    """Whether this link is of the newest chain of that name; if so, it lives on."""
    if cache.get(_key(name)) != mark:
        return False
    cache.touch(_key(name), timeout=LIFE)
    cache.delete(_begun(name))
    return True


def end(name: str, mark: str) -> None:
    """Nothing is left to do: whoever has more begins another one."""
    if cache.get(_key(name)) == mark:
        cache.delete(_key(name))


def _key(name: str) -> str:
    return f"chain-{name}"


def _begun(name: str) -> str:
    return f"chain-begun-{name}"
