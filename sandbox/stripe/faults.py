"""What goes wrong between the asker and Stripe, for as many requests as somebody wished."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .asking import NO_ANSWER, Answer, Asked
from .errors import StripeError


class StripeFault(StrEnum):
    """Those that end in AFTER do what was asked for first. TIMEOUT waits and then drops the
    connection, RESET drops it at once. An ERROR is remembered as the answer to its key.
    """

    ERROR = "error"
    RATE_LIMIT = "rate_limit"
    CONFLICT = "conflict"
    KEY_REFUSED = "key_refused"
    TIMEOUT = "timeout"
    TIMEOUT_AFTER = "timeout_after"
    RESET = "reset"
    RESET_AFTER = "reset_after"


_AFTER = {StripeFault.TIMEOUT_AFTER, StripeFault.RESET_AFTER}
_TIMEOUTS = {StripeFault.TIMEOUT, StripeFault.TIMEOUT_AFTER}
_SAYS = {
    StripeFault.ERROR: ("An unknown error occurred.", 500, "api_error", None),
    StripeFault.RATE_LIMIT: (
        "Request rate limit exceeded. You can learn more about rate limits here "
        "https://stripe.com/docs/rate-limits.",
        429,
        "invalid_request_error",
        "rate_limit",
    ),
    StripeFault.CONFLICT: (
        "This object cannot be accessed right now because another API request or Stripe process "
        "is currently accessing it.",
        429,
        "invalid_request_error",
        "lock_timeout",
    ),
    StripeFault.KEY_REFUSED: ("Expired API Key provided.", 401, "invalid_request_error", None),
}


@dataclass
class _Wish:
    fault: StripeFault
    times: int
    method: str
    url: str


class Faults:
    """`patience` is how long a timeout keeps its asker waiting, in seconds."""

    def __init__(self) -> None:
        self.patience = 25.0
        self._lock = threading.Lock()
        self._wishes: list[_Wish] = []
        self._over = threading.Event()

    def wish(self, fault: StripeFault, times: int = 1, *, method: str = "", url: str = "") -> None:
        """For the next requests with this verb, and an address that starts so."""
        with self._lock:
            self._wishes.append(_Wish(fault, times, method, url))

    def reset(self) -> None:
        """Also ends all waiting."""
        with self._lock:
            self._wishes.clear()
            self._over.set()
            self._over = threading.Event()

    def around(
        self, asked: Asked, do: Callable[[], Answer], *, broken: Callable[[StripeError], Answer]
    ) -> Answer:
        """What `do` answers, unless something goes wrong before or after it; `broken` answers for
        what broke meanwhile.
        """
        fault = self._take(asked)
        if fault in _SAYS:
            message, status, kind, code = _SAYS[fault]
            error = StripeError(message, status=status, kind=kind, code=code)
            if fault == StripeFault.ERROR:
                return broken(error)
            raise error
        if fault is None:
            return do()
        if fault in _AFTER:
            do()
        if fault in _TIMEOUTS:
            self._over.wait(self.patience)
        return NO_ANSWER

    def _take(self, asked: Asked) -> StripeFault | None:
        with self._lock:
            for wish in self._wishes:
                if wish.method in ("", asked.method) and asked.url.startswith(wish.url):
                    wish.times -= 1
                    if wish.times <= 0:
                        self._wishes.remove(wish)
                    return wish.fault
        return None
