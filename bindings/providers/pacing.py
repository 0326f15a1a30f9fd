"""Manners towards a platform: few requests at once, and silence when it asks for it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bindings.providers.base import NoAnswer, Verdict

CONCURRENT_REQUESTS = 3
# Longer than this nobody waits inside a request; the work is put off instead.
LONGEST_PAUSE = 10.0


class Pace:
    """Shared by everything in this process that talks to one organization."""

    def __init__(self) -> None:
        self._slots = threading.BoundedSemaphore(CONCURRENT_REQUESTS)
        self._resume_at = 0.0

    def pause(self, seconds: float) -> None:
        """The platform asked for a pause: nobody starts a request before it is over."""
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a turn. Raises NoAnswer when the pause is too long to wait for."""
        with self._slots:
            wait = self._resume_at - time.monotonic()
            if wait > LONGEST_PAUSE:
                raise NoAnswer(Verdict.THROTTLED, retry_after=wait)
            if wait > 0:
                time.sleep(wait)
            yield


_paces: dict[str, Pace] = {}
_paces_lock = threading.Lock()


def pace_for(organization: str) -> Pace:
    with _paces_lock:
        return _paces.setdefault(organization.casefold(), Pace())
