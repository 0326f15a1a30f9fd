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
from core.cache import run

CONCURRENT_REQUESTS = 3
# In seconds. A delay that comes with an answer is waited for, however it hurts; after a refusal
# nobody waits for longer than a moment, and the work is put off instead.
LONGEST_DELAY = 60.0
LONGEST_PAUSE = 10.0
LONGEST_WAIT_FOR_A_TURN = 120.0
# A turn whose process died comes back by itself; so does that of a request which takes longer.
LONGEST_TURN = 40
# Whoever keeps a turn for several requests asks for it again after so many seconds.
FRESH = 5.0
BETWEEN_LOOKS = 0.02

# A request asks for the first of these before it and for the second after it, and for nothing
# else as long as nobody asked for a pause.
HELD_BACK = -1
TAKE = """
local pauses = tonumber(ARGV[3])
if pauses > 0 and redis.call('EXISTS', unpack(KEYS, 1, pauses)) > 0 then return -1 end
for at = pauses + 1, #KEYS do
    if redis.call('GET', KEYS[at]) == ARGV[1] then
        redis.call('EXPIRE', KEYS[at], ARGV[2])
        return at - pauses
    end
end
for at = pauses + 1, #KEYS do
    if redis.call('SET', KEYS[at], ARGV[1], 'NX', 'EX', ARGV[2]) then return at - pauses end
end
return 0
"""
# It may have run out meanwhile and be somebody else's by now.
GIVE_BACK = """
for at = 1, #KEYS do
    if redis.call('GET', KEYS[at]) == ARGV[1] then redis.call('DEL', KEYS[at]) end
end
"""


class Pace:
    """Shared by everything that talks to one organization in the name of one account."""

    def __init__(self, organization: str, account: str) -> None:
        name = organization.casefold()
        self._turns = [f"pace-turn-{name}-{number}" for number in range(CONCURRENT_REQUESTS)]
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
                self._take(self._keeper)
                self._fresh_until = time.monotonic() + FRESH
            yield
            return
        me = uuid.uuid4().hex
        taken = self._take(me)
        try:
            yield
        finally:
            run(GIVE_BACK, [taken], me)

    @contextmanager
    def keep_turn(self) -> Iterator[None]:
        """For several requests, one after the other and all on one thread: the first takes a
        turn, one that comes much later or after a wish for a pause takes it anew, and the end
        gives it back.
        """
        self._keeper, self._fresh_until = (me := uuid.uuid4().hex), 0.0
        try:
            yield
        finally:
            self._keeper = ""
            run(GIVE_BACK, self._turns, me)

    def _take(self, me: str) -> str:
        until = time.monotonic() + LONGEST_WAIT_FOR_A_TURN
        while time.monotonic() < until:
            number = self._ask_for_a_turn(me, self._pauses)
            if number == HELD_BACK:
                # Who waits for long lets others go first.
                run(GIVE_BACK, self._turns, me)
                self._wait()
                number = self._ask_for_a_turn(me, [])
            if number:
                return self._turns[number - 1]
            time.sleep(BETWEEN_LOOKS)
        raise NoAnswer(Verdict.UNAVAILABLE)

    def _ask_for_a_turn(self, me: str, pauses: list[str]) -> int:
        return int(run(TAKE, [*pauses, *self._turns], me, LONGEST_TURN, len(pauses)))

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
