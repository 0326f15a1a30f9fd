"""Stripe for tests: what it has, its clock, and what goes wrong with it."""

from typing import Any

from .resources.tax_ids import verify_tax_ids
from .world import Object, StripeWorld, shown


class RunningStripe:
    """`url` is for STRIPE_API_URL. `world` has what it keeps; hold its lock to change it."""

    def __init__(self, world: StripeWorld, url: str) -> None:
        self.world = world
        self.url = url

    def reset(self) -> None:
        self.world.reset()

    def all(self, kind: str, **values: Any) -> list[Object]:
        """`all("customer", email="…")`: copies, the oldest first."""
        with self.world.lock:
            return [shown(each) for each in self.world.all(kind, **values)]

    def get(self, kind: str, identifier: str) -> Object:
        with self.world.lock:
            found: Object = shown(self.world.get(kind, identifier))
            return found

    def events(self, *kinds: str) -> list[Object]:
        """All that happened, or what is of these kinds; the oldest first."""
        return [each for each in self.all("event") if not kinds or each["type"] in kinds]

    def answer_for_tax_ids(self) -> None:
        """The authorities verify what waits for it."""
        with self.world.lock:
            verify_tax_ids(self.world)
