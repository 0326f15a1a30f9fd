"""The mails about claims to whoever needs no account here, and to claimants."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q, QuerySet
from django.urls import reverse

from claims import links
from claims.models import AccessClaim, ClaimLetter
from core import letters


def send_due() -> int:
    """Returns how many were tried."""
    return letters.send_due(_rows(), message_of)


def _rows() -> QuerySet[ClaimLetter]:
    """Where there is nothing to object to any more, nobody is asked to."""
    is_timely = Q(may_object=False) | Q(claim__in=AccessClaim.objects.open())
    return ClaimLetter.objects.filter(is_timely)


def message_of(letter: ClaimLetter) -> EmailMultiAlternatives:
    lead, *rest = letter.text.split("\n\n")
    return letters.letter(
        to=letter.to,
        subject=letter.title,
        template="emails/claims/letter",
        name=str(letter.pk),
        context={"letter": letter, "lead": lead, "rest": rest, **_action(letter)},
    )


def _action(letter: ClaimLetter) -> dict[str, str]:
    """The one button: to the claimant's page, or to the page that objects."""
    if letter.may_object:
        return {"label": "Object to this claim", "address": links.for_letter(letter)}
    if not letter.to_claimant:
        return {}
    page = reverse("claims:detail", args=[letter.claim_id])
    return {"label": "See your claim", "address": f"{settings.SITE_URL.rstrip('/')}{page}"}
