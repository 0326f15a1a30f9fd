"""What somebody who lost access does."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from bindings.models import DevOpsBinding, Platform
from bindings.providers.azure_names import parse_organization
from bindings.providers.azure_tokens import check_token
from claims import tasks, telling
from claims.errors import (
    AlreadyOwner,
    ClaimOpenAlready,
    ClaimsTooOften,
    LookRunning,
    LooksTooOften,
    NotHere,
    NothingAsked,
    RejectedLately,
    StatementMissing,
    TextMissing,
    TooManyOpen,
)
from claims.gathering import add_evidence, look_at_address
from claims.models import AccessClaim, ClaimMessage
from claims.moving import change, lock_open, move, note
from claims.ownership import formerly, is_owner
from claims.waiting import due_now, full_wait
from core.db import unique_or
from core.limits import is_within
from core.queue import queue_on_commit
from organizations.belonging import lock
from organizations.errors import NobodyLetIn, OrganizationGone
from organizations.models import Organization

State, Look = AccessClaim.State, AccessClaim.Look

MOST_OPEN, MOST_A_DAY, MOST_LOOKS_AN_HOUR = 3, 5, 20
LONGEST_TEXT = 2000
PAUSE = timedelta(days=30)
# So long a pasted token may wait for its answer.
TOKEN_KEPT = timedelta(minutes=10)


def claim_named(name: str, *, statement: str, by: User) -> AccessClaim:
    """Claim the organization that is bound to the one of this name there, in any usual spelling.

    Raises OrganizationMalformed, NotHere, and what `open_claim` raises. Asking about one that is
    not here costs as much as asking about one that is.
    """
    external_name = parse_organization(name)
    _count(by)
    bindings = DevOpsBinding.objects.filter(
        platform=Platform.AZURE,
        external_name__iexact=external_name,
        organization__in=Organization.objects.alive(),
    )
    # A name changes hands; of two that had it, the younger is likelier to have it now.
    found = bindings.select_related("organization").order_by("-created_at").first()
    if found is None:
        raise NotHere
    return _open(found.organization, external_name, statement, by=by)


def claim_organization(
    organization: Organization, *, external_name: str, statement: str, by: User
) -> AccessClaim:
    """Claim an organization that is known. `external_name` is what the claimant calls it there.

    Raises StatementMissing, ClaimsTooOften, AlreadyOwner, TooManyOpen, RejectedLately,
    ClaimOpenAlready and NobodyLetIn.
    """
    _count(by)
    try:
        return _open(organization, external_name, statement, by=by)
    except NotHere:
        raise NobodyLetIn from None


def _count(by: User) -> None:
    """Outside any transaction, like all that is counted in the cache."""
    if not is_within(MOST_A_DAY, what="claims", who=str(by.pk), seconds=86_400):
        raise ClaimsTooOften


@transaction.atomic
def _open(
    organization: Organization, external_name: str, statement: str, *, by: User
) -> AccessClaim:
    locked = _lock(organization)
    # After the organization, as everywhere. So that of two at once the second counts the first.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    statement = statement.strip()[:LONGEST_TEXT]
    if not statement:
        raise StatementMissing
    _check(locked, by)
    now = timezone.now()
    claim = AccessClaim(
        organization=locked,
        user=by,
        external_name=external_name,
        statement=statement,
        opened_at=now,
        waits_until=now + full_wait(),
    )
    with unique_or(ClaimOpenAlready()):
        claim.save(force_insert=True)
    note(claim, "opened", by=by, formerly=formerly(organization, by))
    telling.of_opening(claim)
    if seen := look_at_address(claim):
        add_evidence(claim, seen, by=None)
    queue_on_commit(tasks.send_letters)
    return claim


def _lock(organization: Organization) -> Organization:
    """Raises NotHere."""
    try:
        return lock(organization)
    except OrganizationGone:
        raise NotHere from None


def _check(organization: Organization, by: User) -> None:
    if is_owner(organization.pk, by):
        raise AlreadyOwner
    mine = AccessClaim.objects.filter(user=by)
    if mine.open().filter(organization=organization).exists():
        raise ClaimOpenAlready
    if mine.open().count() >= MOST_OPEN:
        raise TooManyOpen
    refused = mine.filter(
        organization=organization,
        state__in=[State.REJECTED, State.REVERSED],
        decided_at__gt=timezone.now() - PAUSE,
    )
    if last := refused.order_by("-decided_at").first():
        again = telling.day(last.decided_at + PAUSE) if last.decided_at else ""
        raise RejectedLately(f"{RejectedLately.message} You may claim it again after {again}.")


def paste_token(claim: AccessClaim, token: str, *, by: User) -> None:
    """Have a token looked at once, read only. It is kept sealed until then, for minutes.

    Raises TokenMalformed, LooksTooOften, LookRunning and ClaimOver.
    """
    secret = check_token(token)
    _want_look(claim, by, Look.TOKEN, secret=secret, secret_until=timezone.now() + TOKEN_KEPT)


def look_now(claim: AccessClaim, *, by: User) -> None:
    """Look for the words with the organization's own token. Pressed twice, it is one look.

    Raises LooksTooOften, LookRunning and ClaimOver.
    """
    _want_look(claim, by, Look.NONCE)


def _want_look(claim: AccessClaim, by: User, look: str, **values: object) -> None:
    if not is_within(MOST_LOOKS_AN_HOUR, what="claim-looks", who=str(by.pk)):
        raise LooksTooOften
    with transaction.atomic():
        locked = lock_open(claim)
        if locked.look == look == Look.NONCE:
            return
        if locked.is_looking:
            raise LookRunning
        wanted = {"look": look, "look_attempts": 0, "next_attempt_at": timezone.now(), **values}
        for name, value in wanted.items():
            setattr(locked, name, value)
        # Saved, since that is what binds a secret to its row.
        locked.save(update_fields=list(wanted))
        note(locked, "look_wanted", by=by, look=look)
        queue_on_commit(tasks.look_for_evidence, claim_id=str(locked.pk))


@transaction.atomic
def answer_question(claim: AccessClaim, text: str, *, by: User) -> ClaimMessage:
    """Answer what support asked. Raises TextMissing, NothingAsked and ClaimOver."""
    locked = lock_open(claim)
    text = text.strip()[:LONGEST_TEXT]
    if not text:
        raise TextMissing
    last = locked.messages.order_by("-at").first()
    if last is None or not last.from_support:
        raise NothingAsked
    message = ClaimMessage.objects.create(
        claim=locked, from_support=False, by=by, text=text, at=timezone.now()
    )
    if locked.state == State.IN_REVIEW:
        change(locked, due_at=due_now())
    note(locked, "answered", by=by)
    return message


@transaction.atomic
def withdraw_claim(claim: AccessClaim, *, by: User) -> None:
    """End one's own claim. Raises ClaimOver where it has ended already."""
    locked = lock_open(claim)
    move(locked, State.WITHDRAWN, by=by)
    telling.of_withdrawal(locked)
    queue_on_commit(tasks.send_letters)
