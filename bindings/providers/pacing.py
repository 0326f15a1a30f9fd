"""Manners towards a platform: few requests at once, and slower when it asks for it.

Kept in the cache, so that every process keeps to it. Turns are counted by organization. What
the platform asks for concerns the account it spoke to, so nobody can slow down another.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache

from bindings.providers.base import NoAnswer, NoTurn, Verdict
from core import places

CONCURRENT_REQUESTS = 3
# Of what takes minutes there are fewer, so that a question always finds a turn.
CONCURRENT_TRANSFERS = 2
# In seconds. A delay that comes with an answer is waited for, however it hurts; after a refusal
# nobody waits for longer than a moment, and the work is put off instead.
LONGEST_DELAY = 60.0
LONGEST_PAUSE = 10.0
LONGEST_WAIT_FOR_A_TURN = 120.0
# Whoever keeps a turn for several requests looks after so many seconds whether it is still theirs
# and whether somebody asked for a pause.
FRESH = 5.0
BETWEEN_LOOKS = 0.02


class Pace:
    """Shared by everything that talks to one organization in the name of one account."""

    def __init__(self, organization: str, account: str) -> None:
        name = organization.casefold()
        self._turns = [f"pace-turn-{name}-{number}" for number in range(CONCURRENT_REQUESTS)]
        self._transfers = [f"pace-transfer-{name}-{at}" for at in range(CONCURRENT_TRANSFERS)]
        self._slower_until = f"pace-slower-{name}-{account}"
        self._blocked_until = f"pace-blocked-{name}-{account}"
        self._keeper, self._fresh_until = "", 0.0
        self._pauses = [self._slower_until, self._blocked_until]

    def slow_down(self, seconds: float) -> None:
        """An answer came with the wish that the next request comes later."""
        self._fresh_until = 0.0
        _extend(self._slower_until, min(seconds, LONGEST_DELAY))

    def block(self, seconds: float) -> None:
        """The platform refused to answer: nobody asks again before this is over."""
        self._fresh_until = 0.0
        _extend(self._blocked_until, seconds)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn. Raises NoAnswer when that would take too long."""
        if self._keeper:
            if time.monotonic() >= self._fresh_until:
                self._take(self._turns, self._keeper)
                self._fresh_until = time.monotonic() + FRESH
            yield
            return
        with self._place(self._turns):
            yield

    @contextmanager
    def transfer(self) -> Iterator[None]:
        """The same for what takes minutes."""
        with self._place(self._transfers), self.turn():
            yield

    @contextmanager
    def keep_turn(self) -> Iterator[None]:
        """For several requests, one after the other and all on one thread: the first takes a
        turn, one that comes much later or after a wish for a pause looks after it, and the end
        gives it back.
        """
        self._keeper, self._fresh_until = (me := uuid.uuid4().hex), 0.0
        try:
            yield
        finally:
            self._keeper = ""
            places.give_back(me)

    @contextmanager
    def _place(self, among: list[str]) -> Iterator[None]:
        me = uuid.uuid4().hex
        self._take(among, me)
        try:
            yield
        finally:
            places.give_back(me)

    def _take(self, among: list[str], me: str) -> None:
        until = time.monotonic() + LONGEST_WAIT_FOR_A_TURN
        while time.monotonic() < until:
            place = places.take(among, me, unless=self._pauses)
            if place == places.HELD_BACK:
                # Who waits for long lets others go first.
                places.give_back(me)
                self._wait()
                place = places.take(among, me)
            if place:
                return
            time.sleep(BETWEEN_LOOKS)
        raise NoTurn

    def _wait(self) -> None:
        until = cache.get_many(self._pauses)
        blocked = until.get(self._blocked_until, 0.0) - time.time()
        if blocked > LONGEST_PAUSE:
            raise NoAnswer(Verdict.THROTTLED, retry_after=blocked)
        slower = until.get(self._slower_until, 0.0) - time.time()
        time.sleep(max(0.0, blocked, slower))


def _extend(key: str, seconds: float) -> None:
    until = time.time() + seconds
    if until > cache.get(key, 0.0):
        cache.set(key, until, timeout=int(seconds) + 1)
