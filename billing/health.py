"""Whether Stripe and we understand each other, for whoever watches over it.

Counted in the cache: what is forgotten with it happens again while it is wrong.
"""

from collections.abc import Iterator

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

WINDOW = 3600
KEY_REFUSED = "stripe-key-refused"
# Longer than from one reconciliation to the next, which asks with the key.
KEY_REMEMBERED = 2 * WINDOW
REASONS = (
    "no-signature", "wrong-signature", "too-old", "from-the-future", "not-utf8", "not-json",
    "no-event",
)  # fmt: skip
# Fewer than that happen to anybody.
MANY = 3


def count_refusal(reason: str) -> None:
    """A webhook was refused."""
    logger.warning("webhook_refused", reason=reason)
    try:
        cache.add(_name(reason), 0, timeout=WINDOW)
        cache.incr(_name(reason))
    except (RedisError, ValueError):
        logger.exception("refusal_not_counted")


def refusals() -> dict[str, int]:
    """How many of the last hour, by reason."""
    found = cache.get_many([_name(reason) for reason in REASONS])
    return {reason: found[_name(reason)] for reason in REASONS if _name(reason) in found}


def note_key(*, works: bool) -> None:
    """What Stripe said of our key."""
    try:
        if works:
            cache.delete(KEY_REFUSED)
        else:
            cache.set(KEY_REFUSED, True, timeout=KEY_REMEMBERED)
    except RedisError:
        logger.exception("key_not_noted")


def problems() -> Iterator[str]:
    """What keeps us from hearing of payments, and what to look at."""
    counted = refusals()
    if cache.get(KEY_REFUSED):
        yield "Stripe refuses STRIPE_SECRET_KEY: it is wrong, revoked, or may do too little."
    # Only a signature that is right says anything of its time.
    if counted.get("too-old", 0) + counted.get("from-the-future", 0) >= MANY:
        yield (
            "Webhooks are signed rightly and at another time than this machine's: "
            "its clock is more than five minutes off, or somebody sends old ones again."
        )
    if counted.get("wrong-signature", 0) >= MANY:
        yield "Webhooks are signed with a secret that STRIPE_WEBHOOK_SECRETS does not name."


def _name(reason: str) -> str:
    return f"stripe-refused-{reason}"
