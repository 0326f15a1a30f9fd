"""Places of which there are only so many at once, in Redis, whoever takes them and where.

A place is held until it is given back, however long that is: a thread of the process renews all
that it holds. Those of a process that died are free again soon.
"""

import os
import time
from collections.abc import Sequence
from threading import Lock, Thread

import structlog

from core.cache import run

logger = structlog.get_logger(__name__)

# In seconds. Two rounds of renewing may fail.
LIFE = 30
RENEWED_EVERY = 10.0

HELD_BACK = -1
TAKE = """
local reasons = tonumber(ARGV[3])
if reasons > 0 and redis.call('EXISTS', unpack(KEYS, 1, reasons)) > 0 then return -1 end
for at = reasons + 1, #KEYS do
    if redis.call('GET', KEYS[at]) == ARGV[1] then
        redis.call('EXPIRE', KEYS[at], ARGV[2])
        return at - reasons
    end
end
for at = reasons + 1, #KEYS do
    if redis.call('SET', KEYS[at], ARGV[1], 'NX', 'EX', ARGV[2]) then return at - reasons end
end
return 0
"""
# Where nobody could renew it for long, it has run out and may be somebody else's by now.
RENEW = """
for at = 1, #KEYS do
    if redis.call('GET', KEYS[at]) == ARGV[at + 1] then redis.call('EXPIRE', KEYS[at], ARGV[1]) end
end
"""
GIVE_BACK = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"


def take(names: Sequence[str], me: str, *, unless: Sequence[str] = ()) -> int:
    """Take one of the places, the same again where one is mine. Returns its number from one on,
    nought where none is free, and HELD_BACK where any of `unless` is stored.
    """
    number = int(run(TAKE, [*unless, *names], me, LIFE, len(unless)))
    if number > 0:
        _held.add(names[number - 1], me)
    return number


def give_back(me: str) -> None:
    """What I hold, if anything. While Redis is away it runs out by itself: nobody renews it."""
    if name := _held.remove(me):
        _held.tell(GIVE_BACK, [name], me, trouble="place_not_given_back")


class Held:
    """What this process holds, by who holds it, and the thread that renews it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """After a fork: it is the parent's, whose thread is not here."""
        self._places: dict[str, str] = {}
        self._thread: Thread | None = None
        self._starting = Lock()
        self._is_heard = True

    def add(self, name: str, me: str) -> None:
        self._places[me] = name
        with self._starting:
            if self._thread is None:
                self._thread = Thread(target=self._renew_forever, name="places", daemon=True)
                self._thread.start()

    def remove(self, me: str) -> str | None:
        return self._places.pop(me, None)

    def _renew_forever(self) -> None:
        while True:
            time.sleep(RENEWED_EVERY)
            self.renew()

    def renew(self) -> None:
        """Say that they are still held."""
        if places := self._places.copy():
            names = list(places.values())
            self.tell(RENEW, names, LIFE, *places, trouble="places_not_renewed")

    def tell(self, script: str, names: Sequence[str], *arguments: str | int, trouble: str) -> None:
        """What nobody's work should fail for. While Redis is away, that is said once."""
        try:
            run(script, names, *arguments)
            self._is_heard = True
        except Exception:
            if self._is_heard:
                logger.exception(trouble)
            self._is_heard = False


_held = Held()
os.register_at_fork(after_in_child=_held.forget)
