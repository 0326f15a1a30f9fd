"""What support does with claims. Nobody becomes an owner by one person's word."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from claims import tasks, telling
from claims.errors import (
    AlreadyOwner,
    AnsweredAlready,
    ClaimantGone,
    DecidedAlready,
    NotApproved,
    NotInReview,
    ObjectionsOpen,
    OwnClaim,
    OwnOrganization,
    ReasonMissing,
    ReversalTooLate,
    StillWaiting,
    SupportOnly,
    TakenAlready,
    TextMissing,
)
from claims.models import (
    AccessClaim,
    ClaimMessage,
    ClaimNote,
    Decision,
    Objection,
    ObjectionAnswer,
)
from claims.moving import change, lock, lock_open, move, note
from claims.operations import LONGEST_TEXT
from claims.ownership import is_owner, keep_owners, lock_organization, make_owner, take_back
from claims.standing import settle_strength, standing_of
from claims.waiting import due_now, settle_wait
from core.db import unique_or
from core.errors import DomainError
from core.queue import queue_on_commit
from organizations.models import Membership, Organization

State, Kind = AccessClaim.State, Decision.Kind

REVERSIBLE_FOR = timedelta(days=14)
# What those of support have who may act, and not only look.
ACTS = "claims.change_accessclaim"


@transaction.atomic
def assign_claim(claim: AccessClaim, *, to: User | None, by: User, reason: str = "") -> None:
    """Put it on somebody's desk, or back on everybody's."""
    _require_support(by, claim)
    if to is not None:
        _require_support(to, claim)
    locked = lock_open(claim)
    change(locked, assignee=to)
    note(locked, "assigned", by=by, to=to.email if to else "", reason=reason.strip())


@transaction.atomic
def take_claim(claim: AccessClaim, *, by: User) -> None:
    """Put it on one's own desk. Raises TakenAlready where it is on somebody else's by now."""
    locked = lock_open(claim)
    if locked.assignee_id == by.pk:
        return
    if locked.assignee is not None:
        raise TakenAlready(f"{locked.assignee.email} {TakenAlready.message}")
    assign_claim(locked, to=by, by=by)


@transaction.atomic
def note_on_claim(claim: AccessClaim, text: str, *, by: User) -> ClaimNote:
    """Write something down for support alone: on record is only that there is a note. Open or
    not, since somebody may have to know why it was decided so.
    """
    _require_support(by, claim)
    locked, text = lock(claim), text.strip()[:LONGEST_TEXT]
    if not text:
        raise TextMissing
    written = ClaimNote.objects.create(
        claim=locked, by=by, by_email=by.email, text=text, at=timezone.now()
    )
    note(locked, "noted", by=by)
    return written


@transaction.atomic
def ask_claimant(claim: AccessClaim, text: str, *, by: User) -> ClaimMessage:
    """Ask the claimant. Until there is an answer, nothing is due of support."""
    _require_support(by, claim)
    locked, text = lock_open(claim), text.strip()[:LONGEST_TEXT]
    if not text:
        raise TextMissing
    message = ClaimMessage.objects.create(
        claim=locked, from_support=True, by=by, text=text, at=timezone.now()
    )
    change(locked, due_at=None)
    note(locked, "asked", by=by)
    telling.of_question(locked, message)
    queue_on_commit(tasks.send_letters)
    return message


@transaction.atomic
def answer_objection(objection: Objection, *, reason: str, by: User) -> ObjectionAnswer:
    """Say why the claim may go on in spite of it. Without that it is never approved."""
    locked = lock_open(objection.claim)
    _require_support(by, locked)
    with unique_or(AnsweredAlready()):
        answer = ObjectionAnswer.objects.create(
            objection=objection,
            by=by,
            by_email=by.email,
            reason=_reason(reason),
            at=timezone.now(),
        )
    note(locked, "objection_answered", by=by, objection_id=str(objection.pk), reason=answer.reason)
    telling.of_answer(locked, objection, answer)
    queue_on_commit(tasks.send_letters)
    return answer


@transaction.atomic
def approve_claim(claim: AccessClaim, *, reason: str, by: User) -> bool:
    """Approve. The first approval is a proposal; the second, of somebody else, makes the claimant
    an owner. Returns whether it was that.

    Raises SupportOnly, OwnClaim, OwnOrganization, ReasonMissing, NotInReview, EvidenceMissing,
    EvidenceOld, EvidenceContrary, StillWaiting, ObjectionsOpen, DecidedAlready, ClaimantGone and
    AlreadyOwner.
    """
    organization = lock_organization(claim.organization_id)
    locked = lock_open(claim)
    _require_support(by, locked)
    _forget_who_left(locked)
    settle_strength(locked)
    settle_wait(locked)
    _check_approvable(locked, by)
    _decide(locked, Kind.APPROVE, reason, by=by)
    if locked.approved_by_first_id is None:
        change(locked, approved_by_first=by, due_at=due_now())
        note(locked, "approval_proposed", by=by, reason=_reason(reason))
        return False
    _give(locked, organization, reason, by=by)
    return True


def _give(claim: AccessClaim, organization: Organization, reason: str, *, by: User) -> None:
    now = timezone.now()
    keep_owners(claim)
    values: dict[str, Any] = {
        "approved_by_second": by,
        "approved_at": now,
        "decided_at": now,
        "reversible_until": now + REVERSIBLE_FOR,
        "made_member": make_owner(organization, claim.user),
    }
    move(
        claim, State.APPROVED, among=[State.IN_REVIEW], by=by, values=values, reason=_reason(reason)
    )
    telling.of_approval(claim)
    queue_on_commit(tasks.send_letters)


@dataclass(frozen=True)
class Condition:
    """Something without which nobody approves a claim, and what is said where it is not so."""

    title: str
    is_met: bool
    refusal: type[DomainError]


def conditions_of(claim: AccessClaim, by: User) -> list[Condition]:
    """All that approving it takes, if it were `by` who approves it now."""
    unfit, evidence = _refusal(by, claim), standing_of(claim)
    is_over = claim.waits_until <= timezone.now()
    all_answered = not claim.objections.filter(answer=None).exists()
    is_no_owner = not is_owner(claim.organization_id, claim.user)
    is_another = claim.approved_by_first_id != by.pk
    return [
        Condition("You may decide on it", unfit is None, unfit or SupportOnly),
        Condition("It is in review", claim.state == State.IN_REVIEW, NotInReview),
        Condition("There is strong evidence", evidence.is_strong, evidence.refusal),
        Condition("The waiting period is over", is_over, StillWaiting),
        Condition("Each objection is answered", all_answered, ObjectionsOpen),
        Condition("The claimant's account is in use", claim.user.is_active, ClaimantGone),
        Condition("The claimant is no owner yet", is_no_owner, AlreadyOwner),
        Condition("You did not approve it before", is_another, DecidedAlready),
    ]


def may_approve(claim: AccessClaim, by: User) -> bool:
    return all(condition.is_met for condition in conditions_of(claim, by))


def _check_approvable(claim: AccessClaim, by: User) -> None:
    for condition in conditions_of(claim, by):
        if not condition.is_met:
            raise condition.refusal


@transaction.atomic
def reject_claim(claim: AccessClaim, *, reason: str, by: User) -> None:
    """End a claim, for a reason that the claimant reads. One person may, at any time."""
    locked = lock_open(claim)
    _require_support(by, locked)
    decision = _decide(locked, Kind.REJECT, reason, by=by)
    move(locked, State.REJECTED, by=by, reason=decision.reason)
    telling.of_rejection(locked, decision)
    queue_on_commit(tasks.send_letters)


@transaction.atomic
def reverse_claim(claim: AccessClaim, *, reason: str, by: User) -> None:
    """Take back what an approval gave, within 14 days. One person may.

    Raises NotApproved, ReversalTooLate, and NoOtherOwner where nobody else would own it.
    """
    organization = lock_organization(claim.organization_id)
    locked = lock(claim)
    _require_support(by, locked)
    if not locked.is_approved:
        raise NotApproved
    if not is_reversible(locked):
        raise ReversalTooLate
    decision = _decide(locked, Kind.REVERSE, reason, by=by)
    take_back(organization, locked, by=by)
    move(locked, State.REVERSED, among=[State.APPROVED], by=by, reason=decision.reason)
    telling.of_reversal(locked, decision)
    queue_on_commit(tasks.send_letters)


def is_reversible(claim: AccessClaim) -> bool:
    until = claim.reversible_until
    return claim.is_approved and until is not None and timezone.now() <= until


def _decide(claim: AccessClaim, kind: str, reason: str, *, by: User) -> Decision:
    with unique_or(DecidedAlready()):
        return Decision.objects.create(
            claim=claim,
            kind=kind,
            round=claim.round,
            by=by,
            by_email=by.email,
            reason=_reason(reason),
            at=timezone.now(),
        )


def _forget_who_left(claim: AccessClaim) -> None:
    """Who approved first and might not any more is none of the two."""
    first = claim.approved_by_first
    if first is not None and not may_act(first, claim):
        change(claim, round=claim.round + 1, approved_by_first=None)
        note(claim, "approval_lapsed", by=None)


def may_act(user: User, claim: AccessClaim) -> bool:
    """Whether somebody may do with this claim what support does."""
    return _refusal(user, claim) is None


def _require_support(user: User, claim: AccessClaim) -> None:
    if refusal := _refusal(user, claim):
        raise refusal


def _refusal(user: User, claim: AccessClaim) -> type[DomainError] | None:
    """Support handles no claim of its own, and none on an organization that it belongs to."""
    if not (user.is_staff and user.is_active and user.has_perm(ACTS)):
        return SupportOnly
    if claim.user_id == user.pk:
        return OwnClaim
    if Membership.objects.filter(organization=claim.organization_id, user=user).exists():
        return OwnOrganization
    return None


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonMissing
    return text.strip()[:LONGEST_TEXT]
