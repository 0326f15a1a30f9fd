"""Idempotency keys: the second request with a key gets the answer of the first."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from .asking import Answer, Asked
from .errors import StripeError
from .world import StripeWorld

_REMEMBERED = 24 * 3600
_LONGEST = 255


@dataclass
class _First:
    """`answer` is None while it is being found."""

    url: str
    params: dict[str, Any]
    at: int
    answer: Answer | None = None


class Memory:
    """Forgets a key after 24 hours of Stripe's time."""

    def __init__(self, world: StripeWorld) -> None:
        self._world = world
        self._lock = threading.Lock()
        self._firsts: dict[str, _First] = {}

    def reset(self) -> None:
        with self._lock:
            self._firsts.clear()

    def snapshot(self) -> dict[str, Any]:
        """What was answered, to be given to `restore` one day."""
        with self._lock:
            done = {key: first for key, first in self._firsts.items() if first.answer}
            return {key: asdict(first) for key, first in done.items() if self._holds(first)}

    def restore(self, kept: dict[str, Any]) -> None:
        with self._lock:
            for key, row in kept.items():
                self._firsts[key] = _First(**{**row, "answer": Answer(**row["answer"])})

    def once(self, asked: Asked, do: Callable[[], Answer]) -> Answer:
        """What `do` answers, or what it answered before. Raises for another question."""
        key = asked.idempotency_key
        if key is None or asked.method != "POST":
            return do()
        if len(key) > _LONGEST:
            raise StripeError("Idempotency keys can't be longer than 255 characters.")
        first = self._begin(key, asked)
        if first.answer is not None:
            headers = {**first.answer.headers, "Idempotent-Replayed": "true"}
            return replace(first.answer, headers=headers)
        try:
            first.answer = do()
        except BaseException:
            self._forget(key)
            raise
        return first.answer

    def _begin(self, key: str, asked: Asked) -> _First:
        with self._lock:
            first = self._firsts.get(key)
            if first is None or not self._holds(first):
                first = self._firsts[key] = _First(asked.url, asked.params, self._world.now())
                return first
        if (first.url, first.params) != (asked.url, asked.params):
            raise _used_otherwise(key, first, asked)
        if first.answer is None:
            raise StripeError(
                "There is currently another in-progress request using this Idempotent Key (that "
                "probably means you submitted twice, and the other request is still going "
                f"through): {key}. Please try again later.",
                status=409,
                code="idempotency_key_in_use",
            )
        return first

    def _holds(self, first: _First) -> bool:
        return first.at > self._world.now() - _REMEMBERED

    def _forget(self, key: str) -> None:
        with self._lock:
            self._firsts.pop(key, None)


def _used_otherwise(key: str, first: _First, asked: Asked) -> StripeError:
    if first.url != asked.url:
        same = f"for the same endpoint they were first used for ('{first.url}' vs. '{asked.url}')"
    else:
        same = "with the same parameters they were first used with"
    return StripeError(
        f"Keys for idempotent requests can only be used {same}. Try using a key other than "
        f"'{key}' if you meant to execute a different request.",
        kind="idempotency_error",
    )
