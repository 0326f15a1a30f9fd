"""Whether Stripe and we understand each other, for whoever watches over it.

Counted in the cache: what is forgotten with it happens again while it is wrong. Anybody can post
what we refuse, so refusals alone prove nothing, and a webhook that is good makes them forgotten.
"""

from collections.abc import Iterator

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

logger = structlog.get_logger(__name__)

# Longer than from one reconciliation to the next, which asks with the key and finds what we missed.
WINDOW = 2 * 3600
KEY_REFUSED = "stripe-key-refused"
SECRET_MISSING, SECRET_REMEMBERED = "stripe-secret-missing", 24 * 3600
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
    """How many lately, since a webhook was good, by reason."""
    found = cache.get_many([_name(reason) for reason in REASONS])
    return {reason: found[_name(reason)] for reason in REASONS if _name(reason) in found}


def note_delivery() -> None:
    """A webhook was good: our secret and our clock are."""
    try:
        cache.delete_many([SECRET_MISSING, *map(_name, REASONS)])
    except RedisError:
        logger.exception("delivery_not_noted")


def note_missed() -> None:
    """Stripe has events that we were never told of, nor of any since. Where webhooks were refused
    meanwhile, those were they.
    """
    if refusals().get("wrong-signature"):
        cache.set(SECRET_MISSING, True, timeout=SECRET_REMEMBERED)


def note_key(*, works: bool) -> None:
    """What Stripe said of our key."""
    try:
        if works:
            cache.delete(KEY_REFUSED)
        else:
            cache.set(KEY_REFUSED, True, timeout=WINDOW)
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
    if cache.get(SECRET_MISSING):
        yield "Webhooks are signed with a secret that STRIPE_WEBHOOK_SECRETS does not name."


def _name(reason: str) -> str:
    return f"stripe-refused-{reason}"
