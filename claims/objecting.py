"""Saying that a claim is not right: by an owner, or through a link that was mailed."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from claims import links
from claims.errors import ClaimOver
from claims.models import AccessClaim, Objection
from claims.moving import change, lock, move, note
from claims.operations import LONGEST_TEXT
from claims.ownership import is_owner
from claims.waiting import due_now
from organizations.errors import OwnersOnly

State = AccessClaim.State


def object_as_owner(claim: AccessClaim, *, reason: str = "", by: User) -> None:
    """Raises OwnersOnly and ClaimOver. Once is enough: a second one changes nothing."""
    if not is_owner(claim.organization_id, by):
        raise OwnersOnly
    _object(Objection(claim=claim, who=Objection.Who.OWNER, by=by, by_email=by.email), reason)


def object_by_link(signed: str, *, reason: str = "") -> bool:
    """Whether the link was one. Raises ClaimOver."""
    objection = links.objector(signed)
    if objection is None:
        return False
    _object(objection, reason)
    return True


@transaction.atomic
def _object(objection: Objection, reason: str) -> None:
    """What was approved by one person before it is approved by nobody now."""
    claim = lock(objection.claim)
    known = claim.objections.filter(who=objection.who, by_email=objection.by_email)
    if known.exists():
        return
    if not claim.is_open:
        raise ClaimOver
    objection.reason, objection.at = reason.strip()[:LONGEST_TEXT], timezone.now()
    objection.save(force_insert=True)
    values = {"due_at": due_now(), "round": claim.round + 1, "approved_by_first": None}
    if claim.state == State.IN_REVIEW:
        change(claim, **values)
    else:
        move(claim, State.IN_REVIEW, by=objection.by, values=values)
    note(claim, "objected", by=objection.by, who=objection.who, email=objection.by_email)
