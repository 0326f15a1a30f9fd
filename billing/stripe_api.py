"""The only door to Stripe, over the address and with the key of the settings.

    ask(lambda v1: v1.customers.create({...}, options(key)))

answers a plain dictionary or raises one of our own errors.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import stripe
from django.conf import settings

from billing import errors

# In seconds: to connect, and between two bytes of an answer.
TIMEOUTS = (3, 20)
# Of a webhook's signature, in seconds, back and ahead.
TOLERANCE = 300
VERSION = stripe.api_version

Answer = dict[str, Any]


def ask(question: Callable[[Any], Any]) -> Answer:
    """Put one question to Stripe's first API. Not inside a transaction."""
    try:
        answer: Answer = question(_client(*_place()).v1).to_dict(for_json=True)
    except stripe.StripeError as error:
        raise _in_our_words(error) from error
    return answer


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
            return errors.StripeKeyRefused(reason=code)
        case stripe.IdempotencyError():
            return errors.KeyReusedWithOtherValues(said, reason=code)
        case stripe.InvalidRequestError():
            kind = errors.StripeGone if error.http_status == 404 else errors.StripeRefused
            return kind(said, reason=code)
        case _:
            return errors.StripeSilent()


def event_in(body: bytes, signature: str) -> Answer | None:
    """What a webhook brought, if one of our secrets signed it lately; else None."""
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            text = body.decode()
            stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE)
            event = json.loads(text)
        except (stripe.SignatureVerificationError, ValueError):
            continue
        return event if isinstance(event, dict) else None
    return None
