"""What waits for its payer to come back from 3-D Secure."""

from collections.abc import Callable
from typing import Any

from .world import Object, StripeWorld

KIND = "_attempt"
Finish = Callable[[StripeWorld, Object, bool], str]
_finishes: dict[str, Finish] = {}


def finishes(subject: str) -> Callable[[Finish], Finish]:
    """Who goes on with attempts at this: with the attempt, and whether its payer is who they say
    they are; it answers where to go then.
    """

    def register(finish: Finish) -> Finish:
        _finishes[subject] = finish
        return finish

    return register


def begin(world: StripeWorld, subject: str, method: Object, **kept: Any) -> str:
    """Remember it, and tell the address at which its payer is asked."""
    attempt = world.put(
        {
            "object": KIND,
            "id": world.new_id("attempt"),
            "subject": subject,
            "payment_method": method["id"],
            **kept,
        }
    )
    return f"/stripe/authenticate/{attempt['id']}"


def end(world: StripeWorld, attempt: Object, passed: bool) -> str:
    return _finishes[attempt["subject"]](world, attempt, passed)
