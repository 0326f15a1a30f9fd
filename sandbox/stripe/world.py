"""Everything Stripe keeps about one account in test mode, and its clock."""

import copy
import secrets
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import stripe

from .errors import Missing

Object = dict[str, Any]
# Thirty days.
EVENTS_KEPT = 30 * 24 * 3600


class StripeWorld:
    """Objects by kind and id, in the order they were made. Hold `lock` around a change and what
    follows from it. `listeners` hear of every event, while the lock is held. A key of an object
    that starts with an underscore is for the sandbox alone.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.listeners: list[Callable[[Object], None]] = []
        # Where the pages are, as the last one who asked saw it.
        self.site = ""
        self.reset()

    def reset(self) -> None:
        with self.lock:
            self._objects: defaultdict[str, dict[str, Object]] = defaultdict(dict)
            # Seconds that the clock is ahead of the real one.
            self.ahead = 0
            # The moment at which time stands still, while the clock works through what is due.
            self.pinned: int | None = None
            # What the events that are emitted follow from: a request, or nobody's.
            self.request: Object = {"id": None, "idempotency_key": None}

    def now(self) -> int:
        """Seconds since the epoch, in Stripe's time."""
        return int(time.time()) + self.ahead if self.pinned is None else self.pinned

    def new_id(self, prefix: str) -> str:
        return f"{prefix}_{secrets.token_hex(12)}"

    def snapshot(self) -> Object:
        """All there is, to be given to `restore` one day, without the events of long ago."""
        with self.lock:
            objects = dict(self._objects)
            recent = self.now() - EVENTS_KEPT
            events = objects.get("event", {}).items()
            objects["event"] = {name: each for name, each in events if each["created"] > recent}
            return copy.deepcopy({"objects": objects, "ahead": self.ahead})

    def restore(self, kept: Object) -> None:
        with self.lock:
            self._objects.update(kept["objects"])
            self.ahead = kept["ahead"]

    def put(self, thing: Object) -> Object:
        """Keep an object, new or changed, under its `object` and `id`."""
        self._objects[thing["object"]][thing["id"]] = thing
        return thing

    def get(self, kind: str, identifier: str) -> Object:
        """The object itself, not a copy. Raises Missing."""
        try:
            return self._objects[kind][identifier]
        except KeyError:
            raise Missing(kind, identifier) from None

    def find(self, kind: str, identifier: str | None) -> Object | None:
        return self._objects[kind].get(identifier or "")

    def anything(self, identifier: str) -> Object | None:
        """What has this id, of whatever kind."""
        kinds = list(self._objects.values())
        return next((kind[identifier] for kind in kinds if identifier in kind), None)

    def all(self, kind: str, **values: Any) -> Iterator[Object]:
        """The oldest first, those that have all these values."""
        for thing in list(self._objects[kind].values()):
            if all(thing.get(name) == value for name, value in values.items()):
                yield thing

    def remove(self, kind: str, identifier: str) -> None:
        self._objects[kind].pop(identifier, None)

    def emit(self, kind: str, thing: Object, **previous: Any) -> Object:
        """Record an event about an object as it is now, and tell the listeners."""
        event = self.put(
            {
                "id": self.new_id("evt"),
                "object": "event",
                "api_version": stripe.api_version,
                "created": self.now(),
                "data": {"object": shown(thing)}
                | ({"previous_attributes": copy.deepcopy(previous)} if previous else {}),
                "livemode": False,
                "pending_webhooks": 0,
                "request": dict(self.request),
                "type": kind,
            }
        )
        for tell in self.listeners:
            tell(event)
        return event


def shown(thing: Any) -> Any:
    """A copy without what is for the sandbox alone."""
    if isinstance(thing, dict):
        return {name: shown(each) for name, each in thing.items() if not name.startswith("_")}
    return [shown(each) for each in thing] if isinstance(thing, list) else thing
