"""Stripe as a whole, with all that may be turned about it."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .asking import Answer, Asked
from .billing.clock import advance, catch_up
from .contract import Endpoint
from .faults import Faults
from .memory import Memory
from .resources.webhook_endpoints import make_endpoint
from .store import Store
from .webhooks import Webhooks
from .world import Object, StripeWorld

# In seconds of real time.
_TICK = 5.0


@dataclass(frozen=True)
class LoggedCall:
    """`status` is 0 where the connection was dropped."""

    asked: Asked
    status: int
    replayed: bool


class Desk:
    """`answered` hear of every object that is answered; `log` has the last 10,000 requests.
    `file` keeps the objects; whoever changes any calls `store.changed()`.
    """

    def __init__(self, file: Path | None = None) -> None:
        self.world = StripeWorld()
        self.faults = Faults()
        self.memory = Memory(self.world)
        self.webhooks = Webhooks(self.world)
        self.log: deque[LoggedCall] = deque(maxlen=10_000)
        self.answered: list[Callable[[Endpoint, Object], None]] = []
        self.store = Store(file, self._snapshot)
        if kept := self.store.load():
            self.world.restore(kept)
            self.memory.restore(kept.get("answers", {}))
        self.world.listeners.append(lambda _event: self.store.changed())

    def _snapshot(self) -> Object:
        return self.world.snapshot() | {"answers": self.memory.snapshot()}

    def reset(self) -> None:
        """Everything as at the start."""
        self.world.reset()
        self.faults.reset()
        self.memory.reset()
        self.webhooks.reset()
        self.log.clear()
        self.store.changed()

    def keep_time(self) -> None:
        """Let what falls due happen from now on, also while nobody asks for anything."""
        threading.Thread(target=self._keep_time, name="stripe clock", daemon=True).start()

    def _keep_time(self) -> None:
        pause = threading.Event()
        while not pause.wait(_TICK):
            catch_up(self.world)

    def move_clock(self, to: int) -> None:
        """Ahead, through everything that falls due until then."""
        advance(self.world, to)
        self.store.changed()

    def register_webhook(self, url: str, secrets: list[str]) -> Object:
        """An endpoint for all events whose secrets are known before. An address has but one."""
        with self.world.lock:
            known = next(self.world.all("webhook_endpoint", url=url), None)
            endpoint = known or make_endpoint(self.world, url, ["*"])
            endpoint["_secrets"] = secrets
        self.store.changed()
        return endpoint

    def record(self, asked: Asked, answer: Answer) -> None:
        self.log.append(LoggedCall(asked, answer.status, answer.was_replayed))
