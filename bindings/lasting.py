"""Whose end counts: that of the token in use, or of the standby that takes over and outlasts it."""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from bindings.models import STANDS_BY, PersonalAccessToken, PersonalAccessTokenQuerySet
from bindings.verdicts import ABOUT_THE_TOKEN


def last_to_end() -> PersonalAccessTokenQuerySet:
    """Of each organization the token after whose end there is none: what owners are told of.

    None where the one in use has no known end, or its standby has none.
    """
    tokens = PersonalAccessToken.objects
    longer = Q(expires_on=None) | Q(expires_on__gt=OuterRef("expires_on"))
    relieved = Exists(tokens.standing_by().filter(longer, binding=OuterRef("binding")))
    relieves = Exists(
        tokens.in_use().filter(binding=OuterRef("binding"), expires_on__lt=OuterRef("expires_on"))
    )
    current = Q(slot=PersonalAccessToken.Slot.CURRENT)
    return tokens.filter(current & ~relieved | STANDS_BY & relieves, expires_on__isnull=False)


def standby_after(token: PersonalAccessToken) -> PersonalAccessToken | None:
    """The standby that takes over from this one and lasts longer."""
    longer = Q(expires_on=None) | Q(expires_on__gt=token.expires_on)
    waiting = PersonalAccessToken.objects.standing_by().defer("secret")
    return waiting.filter(longer, binding=token.binding_id).first()


def why_relieve(token: PersonalAccessToken) -> str:
    """Why a standby has to take over from the token in use; empty while there is no need."""
    if token.is_over:
        return "expiry"
    if token.verdict in ABOUT_THE_TOKEN:
        return "failover"
    return "unreadable" if token.unreadable_since else ""


def outlasts(standby: PersonalAccessToken, token: PersonalAccessToken) -> bool:
    """Where no end is known of the standby, it counts as later."""
    if token.expires_on is None:
        return False
    return standby.expires_on is None or standby.expires_on > token.expires_on


def is_relieved(until: date) -> Exists:
    """A condition on the token in use: its standby outlasts it, and this day."""
    standby = PersonalAccessToken.objects.standing_by().filter(
        Q(expires_on=None) | Q(expires_on__gt=until), binding=OuterRef("binding")
    )
    return Exists(standby)
