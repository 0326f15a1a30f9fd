"""The link in an invitation: signed, so that nothing has to be kept to know it by.

It holds which sending it was, so that sending an invitation again ends the links before it. Whoever
finds a link learns who invites whom to what; coming in takes an account with that very address.
"""

import uuid

from django.core import signing
from django.urls import reverse

from organizations.models import Invitation

_signer = signing.Signer(salt="organizations.invitation")


def path_of(invitation: Invitation) -> str:
    signed = _signer.sign_object([invitation.pk.hex, invitation.sending])
    return reverse("people:invitation", args=[signed])


def invitation_of(signed: str) -> tuple[Invitation, int] | None:
    """What a link is for, and which sending it came with; None where we did not sign it, or the
    invitation is forgotten. One query.
    """
    try:
        name, sending = _signer.unsign_object(signed)
    except (signing.BadSignature, ValueError):
        return None
    known = Invitation.objects.select_related("organization", "invited_by")
    invitation = known.filter(pk=uuid.UUID(name)).first()
    return (invitation, sending) if invitation else None


def masked(email: str) -> str:
    """An address to know again for who has it: `d…@e….com`."""
    name, _, place = email.partition("@")
    host, _, ending = place.rpartition(".")
    return f"{name[:1]}…@{host[:1]}….{ending}"
