"""From one state to the next, by a conditional update and on record."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from accounts.models import User
from claims.errors import ClaimGone, ClaimOver
from claims.models import AccessClaim
from organizations import audit

# What no claim keeps once it is decided. `lease` goes too, so that a worker stops writing.
WIPED: dict[str, Any] = {
    "look": "",
    "secret": None,
    "secret_until": None,
    "lease": None,
    "leased_until": None,
}


def lock(claim: AccessClaim) -> AccessClaim:
    """The claim as it is now, and nobody else's until the transaction ends."""
    known = AccessClaim.objects.select_related("user", "organization").defer("secret")
    locked = known.select_for_update(of=("self",)).filter(pk=claim.pk).first()
    if locked is None:
        raise ClaimGone
    return locked


def lock_open(claim: AccessClaim) -> AccessClaim:
    locked = lock(claim)
    if not locked.is_open:
        raise ClaimOver
    return locked


def move(
    claim: AccessClaim,
    state: str,
    *,
    among: Iterable[str] = AccessClaim.OPEN,
    by: User | None,
    values: dict[str, Any] | None = None,
    **data: Any,
) -> None:
    """To `state`, with other `values` of the row; `data` goes on record. Raises ClaimOver where
    it is in none of the states any more that it may come from.
    """
    changed: dict[str, Any] = {"state": state, **(values or {})}
    if state not in AccessClaim.OPEN:
        changed = {"decided_at": timezone.now(), "due_at": None, **WIPED, **changed}
    known = AccessClaim.objects.filter(pk=claim.pk, state__in=list(among))
    if not known.update(**changed):
        raise ClaimOver
    for name, value in changed.items():
        setattr(claim, name, value)
    note(claim, state, by=by, **data)


def change(claim: AccessClaim, **values: Any) -> None:
    """Other columns of a claim that is locked."""
    AccessClaim.objects.filter(pk=claim.pk).update(**values)
    for name, value in values.items():
        setattr(claim, name, value)


def note(claim: AccessClaim, action: str, *, by: User | None, **data: Any) -> None:
    """On record of the organization that is claimed."""
    known = {"claim_id": str(claim.pk), "claimant": str(claim.user_id), **data}
    audit.record(claim.organization, f"claim.{action}", by=by, **known)
