"""Mails to the billing e-mail, which need not be anybody's account here."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from billing.models import BillingNotice
from core import letters


def send_due_letters() -> None:
    letters.send_due(BillingNotice.objects.all(), message_of)


def message_of(notice: BillingNotice) -> EmailMultiAlternatives:
    organization = notice.account.organization
    lead, *rest = notice.text.split("\n\n")
    page = reverse("billing:detail", args=[organization.key]) if organization else "/"
    address = f"{settings.SITE_URL.rstrip('/')}{page}"
    return letters.letter(
        to=notice.email,
        subject=notice.title,
        template="emails/billing/notice",
        name=str(notice.pk),
        context={"notice": notice, "lead": lead, "rest": rest, "page": address},
    )
