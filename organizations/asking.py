"""Asking to be let in, and what owners answer.

A request ends once and in one way: each end claims it by a conditional update.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.addresses import addresses_of
from accounts.models import User
from core.db import unique_or
from core.limits import is_within
from organizations import audit, told
from organizations.belonging import let_in, lock, lock_for_owner
from organizations.errors import (
    AlreadyAsked,
    AlreadyMember,
    AskedOften,
    AskedTooSoon,
    NobodyLetIn,
    OrganizationGone,
    RequestDecided,
    TooManyRequests,
)
from organizations.limits import check_room, invited_to
from organizations.models import JoinRequest, Organization, Role

MOST_OPEN = 3
A_DAY = 20
PAUSE = timedelta(days=7)
State = JoinRequest.State


def ask_to_join(
    organization: Organization, *, by: User, note: str = "", known_as: str = ""
) -> JoinRequest:
    """Ask the owners to be let in. `known_as` is what the asker calls the organization.

    Raises AlreadyMember, AlreadyAsked, AskedTooSoon for seven days after a decline,
    TooManyRequests beyond three open ones, AskedOften, and NobodyLetIn.
    """
    if not is_within(A_DAY, what="join-requests", who=str(by.pk), seconds=86400):
        raise AskedOften
    return _ask(organization, by, note, known_as)


@transaction.atomic
def _ask(organization: Organization, by: User, note: str, known_as: str) -> JoinRequest:
    try:
        locked = lock(organization)
    except OrganizationGone:
        raise NobodyLetIn from None
    # Their own row too, so that nobody is counted while asking elsewhere.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if locked.memberships.filter(user=by).exists():
        raise AlreadyMember("You are a member already.")
    if again_at := may_ask_again_at(newest_request(locked, by)):
        raise AskedTooSoon(f"You were declined. Ask again from {again_at:%A %-d %B %Y} on.")
    if JoinRequest.objects.open().filter(user=by).exclude(organization=locked).count() >= MOST_OPEN:
        raise TooManyRequests
    with unique_or(AlreadyAsked()):
        request = JoinRequest.objects.create(
            organization=locked, user=by, note=note, known_as=known_as
        )
    audit.record(locked, "join_request.made", by=by, email=by.email)
    told.of_request(request)
    return request


def newest_request(organization: Organization, user: User) -> JoinRequest | None:
    mine = JoinRequest.objects.filter(organization=organization, user=user)
    return mine.order_by("-created_at").first()


def may_ask_again_at(request: JoinRequest | None) -> datetime | None:
    """When, for somebody who was declined less than seven days ago; None for who may ask now."""
    if request is None or request.state != State.DECLINED or request.decided_at is None:
        return None
    again_at = request.decided_at + PAUSE
    return again_at if again_at > timezone.now() else None


@transaction.atomic
def withdraw_request(request: JoinRequest, *, by: User) -> None:
    """Take back one's own. One that was decided stays decided, and twice changes nothing."""
    if request.user_id == by.pk and _claim(request, State.WITHDRAWN, by):
        audit.record(request.organization, "join_request.withdrawn", by=by, email=by.email)
        told.of_request_over(request)


@transaction.atomic
def approve(request: JoinRequest, *, by: User) -> None:
    """Let the asker in as a member. Raises RequestDecided, MemberLimitReached."""
    locked = lock_for_owner(request.organization, by)
    if not _claim(request, State.APPROVED, by):
        raise RequestDecided
    user = request.user
    if not locked.memberships.filter(user=user).exists():
        check_room(locked.pk, invited=invited_to(locked.pk, besides=addresses_of(user)))
    let_in(locked, user, Role.MEMBER, by=by)
    audit.record(locked, "join_request.approved", by=by, email=user.email)
    told.of_approval(request)


@transaction.atomic
def decline(request: JoinRequest, *, by: User) -> None:
    """Don't let the asker in. Raises RequestDecided."""
    locked = lock_for_owner(request.organization, by)
    if not _claim(request, State.DECLINED, by):
        raise RequestDecided
    audit.record(locked, "join_request.declined", by=by, email=request.user.email)
    told.of_decline(request)


def _claim(request: JoinRequest, state: str, by: User) -> bool:
    """Of all who end it at once, one does."""
    still_open = JoinRequest.objects.open().filter(pk=request.pk)
    ended = still_open.update(state=state, decided_at=timezone.now(), decided_by=by)
    return bool(ended)
