"""Signed links with which somebody objects who need not sign in. They work until it is decided."""

import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse

from claims.models import AccessClaim, ClaimLetter, Objection

SIGNER = signing.Signer(salt="claims.objection")
OWNERS = "owners"


def for_owners(claim: AccessClaim) -> str:
    """The same for all of them, since it stands in one notice."""
    return _address(f"{OWNERS}.{claim.pk}")


def for_letter(letter: ClaimLetter) -> str:
    return _address(f"letter.{letter.pk}")


def objector(signed: str) -> Objection | None:
    """The objection that a link stands for, not stored; None where nobody signed it."""
    try:
        what, _, pk = SIGNER.unsign(signed).partition(".")
    except signing.BadSignature:
        return None
    if what == OWNERS:
        claim = AccessClaim.objects.filter(pk=uuid.UUID(pk)).first()
        return Objection(claim=claim, who=Objection.Who.OWNERS_LINK) if claim else None
    letters = ClaimLetter.objects.select_related("claim")
    letter = letters.filter(pk=uuid.UUID(pk)).first()
    if letter is None:
        return None
    return Objection(claim=letter.claim, who=Objection.Who.CONTACT, by_email=letter.to)


def _address(value: str) -> str:
    path = reverse("claims:objection", args=[SIGNER.sign(value)])
    return f"{settings.SITE_URL.rstrip('/')}{path}"
