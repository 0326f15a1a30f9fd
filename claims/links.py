"""Signed links with which somebody objects who need not sign in. They work until it is decided."""

import uuid

from django.conf import settings
from django.core import signing
from django.urls import reverse

from accounts.models import User
from claims.models import AccessClaim, ClaimLetter, Objection

SIGNER = signing.Signer(salt="claims.objection")


def for_owner(claim: AccessClaim, user_id: uuid.UUID) -> str:
    """One's own, so that it is known who objects."""
    return _address(f"owner.{claim.pk}.{user_id}")


def for_letter(letter: ClaimLetter) -> str:
    return _address(f"letter.{letter.pk}")


def objector(signed: str) -> Objection | None:
    """The objection that a link stands for, not stored; None where nobody signed it."""
    try:
        what, *ids = SIGNER.unsign(signed).split(".")
    except signing.BadSignature:
        return None
    return _of_owner(*ids) if what == "owner" else _of_contact(*ids)


def _of_owner(claim_id: str, user_id: str) -> Objection | None:
    """Known by their address; but nobody has signed in, so `by` is nobody."""
    claims = AccessClaim.objects.select_related("user", "organization").defer("secret")
    claim = claims.filter(pk=claim_id).first()
    owner = User.objects.filter(pk=user_id, is_active=True).first()
    if claim is None or owner is None:
        return None
    return Objection(claim=claim, who=Objection.Who.OWNERS_LINK, by_email=owner.email)


def _of_contact(letter_id: str) -> Objection | None:
    letters = ClaimLetter.objects.select_related("claim__user", "claim__organization")
    letter = letters.defer("claim__secret").filter(pk=letter_id).first()
    if letter is None:
        return None
    return Objection(claim=letter.claim, who=Objection.Who.CONTACT, by_email=letter.to)


def _address(value: str) -> str:
    path = reverse("claims:objection", args=[SIGNER.sign(value)])
    return f"{settings.SITE_URL.rstrip('/')}{path}"
