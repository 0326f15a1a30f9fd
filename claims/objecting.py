"""Saying that a claim is not right: by an owner, or through a link that was mailed.

Who has objected may do so again once support has answered; until then the first one stands.
"""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from claims.errors import ClaimOver
from claims.models import AccessClaim, Objection
from claims.moving import change, lock, move, note
from claims.operations import LONGEST_TEXT
from claims.ownership import is_owner
from claims.waiting import due_now
from organizations.errors import OwnersOnly

State = AccessClaim.State


def object_as_owner(claim: AccessClaim, *, reason: str = "", by: User) -> bool:
    """Returns whether that is new to support. Raises OwnersOnly and ClaimOver."""
    if not is_owner(claim.organization_id, by):
        raise OwnersOnly
    objection = Objection(claim=claim, who=Objection.Who.OWNER, by=by, by_email=by.email)
    return object_to(objection, reason=reason)


@transaction.atomic
def object_to(objection: Objection, *, reason: str = "") -> bool:
    """Store what an owner says, or who has a link; what was approved by one person before it is
    approved by nobody now. Returns whether it is new. Raises ClaimOver.
    """
    claim = lock(objection.claim)
    if not claim.is_open:
        raise ClaimOver
    unanswered = claim.objections.filter(answer=None)
    if unanswered.filter(who=objection.who, by_email=objection.by_email).exists():
        return False
    objection.round = claim.round
    objection.reason, objection.at = reason.strip()[:LONGEST_TEXT], timezone.now()
    objection.save(force_insert=True)
    values = {"due_at": due_now(), "round": claim.round + 1, "approved_by_first": None}
    if claim.state == State.IN_REVIEW:
        change(claim, **values)
    else:
        move(claim, State.IN_REVIEW, by=objection.by, values=values)
    said = {"who": objection.who, "email": objection.by_email, "reason": objection.reason}
    note(claim, "objected", by=objection.by, **said)
    return True
