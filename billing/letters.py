"""Mails to the billing e-mail, which need not be anybody's account here. Each leaves once; what a
dead worker had in hand leaves again under the same Message-ID.
"""

from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from billing.models import BillingNotice
from core import leases

logger = structlog.get_logger(__name__)

MOST_AT_ONCE = 100
FIRST_DELAY, LONGEST_DELAY, MOST_ATTEMPTS = timedelta(minutes=1), timedelta(hours=6), 20


def send_due_letters() -> None:
    due = _unsent().filter(next_attempt_at__lte=timezone.now()).order_by("next_attempt_at")
    for notice_id in list(due.values_list("pk", flat=True)[:MOST_AT_ONCE]):
        if claimed := leases.claim(_unsent(), notice_id):
            _send(claimed)


def _unsent() -> QuerySet[BillingNotice]:
    return BillingNotice.objects.filter(leases.free(), mailed_at=None)


def _send(notice: BillingNotice) -> None:
    notice.attempts += 1
    try:
        message_of(notice).send()
    except Exception as failure:  # one letter stops no others; its words may hold addresses
        logger.warning(
            "billing_mail_put_off", notice=str(notice.pk), failure=type(failure).__name__
        )
        delay = min(FIRST_DELAY * 2 ** min(notice.attempts, 10), LONGEST_DELAY)
        notice.next_attempt_at = timezone.now() + delay
        if notice.attempts >= MOST_ATTEMPTS:
            notice.mailed_at = timezone.now()
    else:
        notice.mailed_at = timezone.now()
    notice.lease = notice.leased_until = None
    notice.save(update_fields=["attempts", "mailed_at", "next_attempt_at", "lease", "leased_until"])


def message_of(notice: BillingNotice) -> EmailMultiAlternatives:
    organization = notice.account.organization
    site = settings.SITE_URL.rstrip("/")
    lead, *rest = notice.text.split("\n\n")
    page = reverse("billing:detail", args=[organization.key]) if organization else "/"
    context = {"notice": notice, "lead": lead, "rest": rest, "page": f"{site}{page}"}
    message = EmailMultiAlternatives(
        " ".join(notice.title.split()),
        render_to_string("emails/billing/notice.txt", context),
        to=[notice.email],
        headers={
            "Message-ID": f"<{notice.pk}@{urlsplit(site).hostname}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("emails/billing/notice.html", context), "text/html")
    return message
