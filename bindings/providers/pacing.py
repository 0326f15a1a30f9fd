"""Manners towards a platform: few requests at once, and slower when it asks for it.

Kept in the cache, so that every process keeps to it. Turns are counted by organization. What
the platform asks for concerns the account it spoke to, so nobody can slow down another.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache

from bindings.providers.base import NoAnswer, Verdict

CONCURRENT_REQUESTS = 3
# In seconds. A delay that comes with an answer is waited for, however it hurts; after a refusal
# nobody waits for longer than a moment, and the work is put off instead.
LONGEST_DELAY = 60.0
LONGEST_PAUSE = 10.0
LONGEST_WAIT_FOR_A_TURN = 120.0
# A turn whose process died comes back by itself; so does that of a request which takes longer.
LONGEST_TURN = 40
BETWEEN_LOOKS = 0.05


class Pace:
    """Shared by everything that talks to one organization in the name of one account."""

    def __init__(self, organization: str, account: str) -> None:
        name = organization.casefold()
        self._turns = [f"pace-turn-{name}-{number}" for number in range(CONCURRENT_REQUESTS)]
        self._slower_until = f"pace-slower-{name}-{account}"
        self._blocked_until = f"pace-blocked-{name}-{account}"

    def slow_down(self, seconds: float) -> None:
        """An answer came with the wish that the next request comes later."""
        _extend(self._slower_until, min(seconds, LONGEST_DELAY))

    def block(self, seconds: float) -> None:
        """The platform refused to answer: nobody asks again before this is over."""
        _extend(self._blocked_until, seconds)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn. Raises NoAnswer when that would take too long."""
        self._wait()
        me = uuid.uuid4().hex
        taken = self._take(me)
        try:
            yield
        finally:
            if cache.get(taken) == me:
                cache.delete(taken)

    def _take(self, me: str) -> str:
        until = time.monotonic() + LONGEST_WAIT_FOR_A_TURN
        while time.monotonic() < until:
            for turn in self._turns:
                if cache.add(turn, me, LONGEST_TURN):
                    return turn
            time.sleep(BETWEEN_LOOKS)
        raise NoAnswer(Verdict.UNAVAILABLE)

    def _wait(self) -> None:
        blocked = cache.get(self._blocked_until, 0.0) - time.time()
        if blocked > LONGEST_PAUSE:
            raise NoAnswer(Verdict.THROTTLED, retry_after=blocked)
        slower = cache.get(self._slower_until, 0.0) - time.time()
        time.sleep(max(0.0, blocked, slower))


def _extend(key: str, seconds: float) -> None:
    until = time.time() + seconds
    if until > cache.get(key, 0.0):
        cache.set(key, until, timeout=int(seconds) + 1)
