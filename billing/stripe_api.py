"""The only door to Stripe, over the address and with the key of the settings.

    ask(lambda v1: v1.customers.create({...}, options(key)))

answers a plain dictionary or raises one of our own errors.
"""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

import stripe
from django.conf import settings

from billing import errors, health

# In seconds: to connect, and between two bytes of an answer.
TIMEOUTS = (3, 20)
# Of a webhook's signature, in seconds, back and ahead.
TOLERANCE = 300
# Stripe forgets idempotency keys after a day. Past this, look first at what is there.
KEYS_LAST = timedelta(hours=23)
VERSION = stripe.api_version

Answer = dict[str, Any]


def ask(question: Callable[[Any], Any]) -> Answer:
    """Put one question to Stripe's first API. Not inside a transaction."""
    try:
        answer: Answer = question(_client(*_place()).v1).to_dict(for_json=True)
    except stripe.StripeError as error:
        raise _in_our_words(error) from error
    return answer


def ask_when(question: Callable[[Any], Any]) -> tuple[Answer, datetime]:
    """The same, with the time that it is at Stripe."""
    dates: list[str] = []

    def noting(v1: Any) -> Any:
        answer = question(v1)
        dates.append(answer.last_response.headers["Date"])
        return answer

    return ask(noting), parsedate_to_datetime(dates[0])


def every(question: Callable[[Any], Any]) -> Iterator[Answer]:
    """All rows of a list, page by page."""
    try:
        for row in question(_client(*_place()).v1).auto_paging_iter():
            yield row.to_dict(for_json=True)
    except stripe.StripeError as error:
        raise _in_our_words(error) from error


def options(key: str) -> Any:
    """For a POST that may be sent again: the same key, the same result."""
    return {"idempotency_key": key}


def identifier(thing: Answer | str | None) -> str:
    """Of an object, whether or not it was expanded; empty for none."""
    return str(thing["id"]) if isinstance(thing, dict) else thing or ""


def moment(seconds: int | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def is_live() -> bool:
    return settings.STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_"))


def _place() -> tuple[str, str]:
    return settings.STRIPE_SECRET_KEY, settings.STRIPE_API_URL


@cache
def _client(key: str, url: str) -> stripe.StripeClient:
    stripe.set_app_info("Mooring")
    return stripe.StripeClient(
        key,
        base_addresses={"api": url},
        http_client=stripe.RequestsClient(timeout=TIMEOUTS),
        max_network_retries=2,
    )


def _in_our_words(error: stripe.StripeError) -> Exception:
    code = getattr(error, "code", None) or ""
    said = error.user_message or str(error)
    match error:
        case stripe.CardError():
            decline = getattr(getattr(error, "error", None), "decline_code", None) or ""
            return errors.CardDeclined(said, reason=code, decline_code=decline)
        case stripe.AuthenticationError() | stripe.PermissionError():
            health.note_key(works=False)
            return errors.StripeKeyRefused(reason=code)
        case stripe.IdempotencyError():
            return errors.KeyReusedWithOtherValues(said, reason=code)
        case stripe.InvalidRequestError():
            kind = errors.StripeGone if error.http_status == 404 else errors.StripeRefused
            return kind(said, reason=code)
        case _:
            return errors.StripeSilent(is_kept=(error.http_status or 0) >= 500)


def event_in(body: bytes, signature: str) -> Answer:
    """What a webhook brought. Raises WebhookRefused unless one of our secrets signed it lately."""
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise errors.WebhookRefused("not-utf8") from error
    if not any(_signed(text, signature, secret) for secret in settings.STRIPE_WEBHOOK_SECRETS):
        raise errors.WebhookRefused("wrong-signature" if signature else "no-signature")
    # Only now, so that what it says of the time is true.
    _refuse_unless_fresh(signature)
    try:
        event = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise errors.WebhookRefused("not-json") from error
    if not isinstance(event, dict):
        raise errors.WebhookRefused("not-json")
    return event


def _signed(text: str, signature: str, secret: str) -> bool:
    try:
        return stripe.WebhookSignature.verify_header(text, signature, secret)
    except (stripe.SignatureVerificationError, TypeError, ValueError):
        return False


def _refuse_unless_fresh(signature: str) -> None:
    """The library takes timestamps of the future for good ones."""
    # The first one, as the library does: it is the one that was signed.
    signed_at = next(part[2:] for part in signature.split(",") if part.startswith("t="))
    age = time.time() - int(signed_at)
    if age > TOLERANCE:
        raise errors.WebhookRefused("too-old")
    if age < -TOLERANCE:
        raise errors.WebhookRefused("from-the-future")
