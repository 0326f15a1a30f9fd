"""Mails to addresses that need be nobody's account here, each a row of its own.

Such a row has the columns of a lease and `mailed_at`, `given_up_at`, `attempts`,
`next_attempt_at`. Each mail leaves once; what a dead worker had in hand leaves again, under the
same Message-ID.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone

from core import leases

logger = structlog.get_logger(__name__)

Row = TypeVar("Row", bound=models.Model)

MOST_AT_ONCE = 100
FIRST_DELAY, LONGEST_DELAY, MOST_ATTEMPTS = timedelta(minutes=1), timedelta(hours=6), 20


def send_due(
    rows: models.QuerySet[Row], message_of: Callable[[Row], EmailMultiAlternatives]
) -> int:
    """Send the mails of those rows whose time has come. Returns how many were tried."""
    unsent = rows.filter(leases.free(), mailed_at=None, given_up_at=None)
    due = unsent.filter(next_attempt_at__lte=timezone.now()).order_by("next_attempt_at")
    tried = 0
    for pk in list(due.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        if claimed := leases.claim(unsent, pk):
            _send(claimed, message_of)
            tried += 1
    return tried


def _send(row: Any, message_of: Callable[[Any], EmailMultiAlternatives]) -> None:
    """Only whoever still holds the row notes what came of it."""
    attempts, now = row.attempts + 1, timezone.now()
    try:
        message_of(row).send()
    except Exception as failure:  # one letter stops no others; its words may hold addresses
        logger.warning("letter_put_off", row=str(row.pk), failure=type(failure).__name__)
        delay = min(FIRST_DELAY * 2 ** min(attempts, 10), LONGEST_DELAY)
        noted = {"next_attempt_at": now + delay}
        if attempts >= MOST_ATTEMPTS:
            noted["given_up_at"] = now
    else:
        noted = {"mailed_at": now}
    held = type(row)._default_manager.filter(pk=row.pk, lease=row.lease)
    held.update(**noted, attempts=attempts, lease=None, leased_until=None)


def letter(
    *, to: str, subject: str, template: str, name: str, context: dict[str, Any]
) -> EmailMultiAlternatives:
    """A mail in text and HTML, from `template` + .txt and .html. `name` makes its Message-ID, so
    that a repeat is recognised as one. The templates are given `site`, the address of this one.
    """
    site = settings.SITE_URL.rstrip("/")
    known = {**context, "site": site}
    message = EmailMultiAlternatives(
        " ".join(subject.split()),
        render_to_string(f"{template}.txt", known),
        to=[to],
        headers={
            "Message-ID": f"<{name}@{urlsplit(site).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string(f"{template}.html", known), "text/html")
    return message
