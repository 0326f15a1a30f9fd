"""Events on their way to those who want them, over HTTP, from a thread of their own."""

import heapq
import itertools
import random
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from .signing import body_of, signature
from .world import Object, StripeWorld, shown

# After a failure, in seconds; hours between attempts would be of no use here.
BACKOFF = (1.0, 5.0, 25.0)
_PATIENCE = 10.0
_SPREAD = 2.0


@dataclass
class Switches:
    """What happens on the way. `delay` is in seconds; `drop` counts how many are still to be lost;
    what is on hold waits for `release`; `reorder` lets the later overtake the earlier.
    """

    delay: float = 0.0
    double: bool = False
    reorder: bool = False
    drop: int = 0
    hold: bool = False
    wrong_signature: bool = False
    api_version: str | None = None
    livemode: bool | None = None


@dataclass(order=True)
class _Parcel:
    due: float
    number: int
    event_id: str = field(compare=False)
    endpoint_id: str = field(compare=False)
    attempt: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Delivery:
    """`status` is 0 where nobody answered."""

    event_id: str
    kind: str
    url: str
    attempt: int
    status: int


class Webhooks:
    """`switches` may be changed at any time. Up to three retries follow a failure."""

    def __init__(self, world: StripeWorld) -> None:
        self.switches = Switches()
        self.deliveries: deque[Delivery] = deque(maxlen=1000)
        self.backoff: tuple[float, ...] = BACKOFF
        self._world = world
        self._changed = threading.Condition()
        self._queue: list[_Parcel] = []
        self._held: list[_Parcel] = []
        self._numbers = itertools.count()
        self._busy = False
        self._thread: threading.Thread | None = None
        world.listeners.append(self.send)

    def reset(self) -> None:
        """What is being delivered arrives first."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy, _PATIENCE)
            self.switches, self.backoff = Switches(), BACKOFF
            self._queue.clear()
            self._held.clear()
            self.deliveries.clear()

    @property
    def waiting(self) -> int:
        """How many are on their way or on hold."""
        with self._changed:
            return len(self._queue) + len(self._held) + self._busy

    def send(self, event: Object) -> None:
        """To every endpoint that wants it. Hold the world's lock."""
        wanting = [each for each in self._world.all("webhook_endpoint") if _wants(each, event)]
        event["pending_webhooks"] = len(wanting)
        for endpoint in wanting:
            self._dispatch(event["id"], endpoint["id"])

    def release(self, order: str = "kept") -> None:
        """Send what is on hold: `kept` in its order, `reversed` or `shuffled`."""
        with self._changed:
            held, self._held = self._held, []
            if order == "reversed":
                held.reverse()
            elif order == "shuffled":
                random.shuffle(held)
            for parcel in held:
                self._push(parcel.event_id, parcel.endpoint_id, 0.0)

    def deliver_all(self, timeout: float = 30.0) -> None:
        """Without pauses, until nothing is on its way. What is on hold stays there."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while self._queue or self._busy:
                self._queue = [
                    _Parcel(0.0, each.number, each.event_id, each.endpoint_id, each.attempt)
                    for each in sorted(self._queue)
                ]
                self._changed.notify_all()
                if not self._changed.wait(deadline - time.monotonic()):
                    raise TimeoutError("Webhooks are still on their way.")

    def _dispatch(self, event_id: str, endpoint_id: str) -> None:
        switches = self.switches
        if switches.drop > 0:
            switches.drop -= 1
            return
        with self._changed:
            for _ in range(1 + switches.double):
                pause = switches.delay + (random.uniform(0, _SPREAD) if switches.reorder else 0.0)
                if switches.hold:
                    parcel = _Parcel(0.0, next(self._numbers), event_id, endpoint_id)
                    self._held.append(parcel)
                else:
                    self._push(event_id, endpoint_id, pause)

    def _push(self, event_id: str, endpoint_id: str, pause: float, attempt: int = 1) -> None:
        due = time.monotonic() + pause
        parcel = _Parcel(due, next(self._numbers), event_id, endpoint_id, attempt)
        heapq.heappush(self._queue, parcel)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _run(self) -> None:
        while True:
            parcel = self._next()
            status = self._deliver(parcel)
            with self._changed:
                if not 200 <= status < 300 and parcel.attempt <= len(self.backoff):
                    pause = self.backoff[parcel.attempt - 1]
                    self._push(parcel.event_id, parcel.endpoint_id, pause, parcel.attempt + 1)
                self._busy = False
                self._changed.notify_all()

    def _next(self) -> _Parcel:
        with self._changed:
            while True:
                pause = self._queue[0].due - time.monotonic() if self._queue else None
                if pause is not None and pause <= 0:
                    self._busy = True
                    return heapq.heappop(self._queue)
                self._changed.wait(pause)

    def _deliver(self, parcel: _Parcel) -> int:
        with self._world.lock:
            event = self._world.find("event", parcel.event_id)
            endpoint = self._world.find("webhook_endpoint", parcel.endpoint_id)
            if event is None or endpoint is None:
                return 200
            seen, url, secrets = self._as_seen(event), endpoint["url"], [*endpoint["_secrets"]]
        if self.switches.wrong_signature:
            secrets = ["whsec_" + "of_somebody_else"]
        status = post(url, seen, secrets)
        self.deliveries.append(
            Delivery(parcel.event_id, event["type"], url, parcel.attempt, status)
        )
        if 200 <= status < 300:
            with self._world.lock:
                event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
        return status

    def _as_seen(self, event: Object) -> Object:
        seen: Object = shown(event)
        if self.switches.api_version:
            seen["api_version"] = self.switches.api_version
        if self.switches.livemode is not None:
            seen["livemode"] = self.switches.livemode
        return seen


def post(url: str, event: Object, secrets: list[str]) -> int:
    """Deliver one event. The status, or 0 if nobody answers; redirects are not followed."""
    body = body_of(event)
    request = urllib.request.Request(
        url,
        body,
        {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": signature(body, secrets),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        },
    )
    try:
        with _OPENER.open(request, timeout=_PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code
    except OSError:
        return 0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def _wants(endpoint: Object, event: Object) -> bool:
    return endpoint["status"] == "enabled" and any(
        fnmatchcase(event["type"], each) for each in endpoint["enabled_events"]
    )
