"""Telling owners in time: before a token expires, and before its account is forgotten.

A threshold is crossed once. `noticed_days` and `noticed_absence` on the token are the claims, taken
by a conditional update in the transaction that writes the notices, so neither a second worker nor
a clock that jumps can repeat one; each notice is unique in the database besides.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from bindings import told
from bindings.errors import ExpiryImpossible
from bindings.lasting import last_to_end, standby_after
from bindings.models import (
    ACCESS_BELIEVED,
    PersonalAccessToken,
    PersonalAccessTokenQuerySet,
)
from bindings.providers.base import Verdict

logger = structlog.get_logger(__name__)

THRESHOLDS = (60, 30, 14, 7, 3, 1, 0)
# From so many days on all owners must know, whoever of them typed the date.
NEAR = 7
# The longest first.
ABSENCES = (80, 60, 30)
AT_ONCE = 1000
KEPT = [PersonalAccessToken.Slot.CURRENT, PersonalAccessToken.Slot.NEXT]
# Days that a token of Azure DevOps lives at most.
LONGEST_LIFE = 366


def threshold_of(days_left: int) -> int | None:
    """The last threshold crossed with so many days left: 60 with 31 to 60; None with more."""
    crossed = [days for days in THRESHOLDS if days_left <= days]
    return min(crossed, default=None)


def already_crossed(
    expires_on: date | None, source: str = PersonalAccessToken.ExpirySource.DECLARED
) -> int | None:
    """What is not told any more, because a person named this date today and there is time.

    One of the last days is told at once, since the other owners do not know it. A date that
    nobody typed is told whenever a threshold is crossed, and so is one that has passed.
    """
    if expires_on is None or source != PersonalAccessToken.ExpirySource.DECLARED:
        return None
    left = (expires_on - timezone.now().date()).days
    return threshold_of(left) if left > NEAR else None


def reminders_of(token: PersonalAccessToken) -> str:
    """When owners are told of its end, for the person who has just typed it."""
    left = token.days_left or 0
    if standby_after(token):
        return "Your standby takes over by itself, so nobody is reminded of this date."
    is_told_now = token.noticed_days is None and threshold_of(left) is not None
    # Nothing is left to come on the last day, and a worker may have been quick to tell it.
    if is_told_now or left <= min(THRESHOLDS):
        return "It is near, so all owners are told within minutes."
    coming = max(days for days in THRESHOLDS if days < left)
    return f"All owners are reminded from {coming} days before on."


def give_notice() -> int:
    """Notices of the thresholds crossed since the last time. Returns how many tokens."""
    return _tell_each(_unaware(timezone.now().date()), _notice)


def _tell_each(waiting: Iterable[tuple[UUID, int]], notice: Callable[[UUID, int], bool]) -> int:
    """One that can't be told of must not keep the owners of all others from knowing."""
    told_of = 0
    for pk, threshold in waiting:
        try:
            told_of += notice(pk, threshold)
        except Exception:
            logger.exception("notice_not_given", token_id=str(pk), threshold=threshold)
    return told_of


def _unaware(today: date) -> list[tuple[UUID, int]]:
    """Tokens and the threshold they are past and their owners do not know of."""
    last_days = [(today + timedelta(days=days), days) for days in sorted(THRESHOLDS)]
    crossed = [When(expires_on__lte=day, then=Value(days)) for day, days in last_days]
    near = last_to_end().filter(expires_on__lte=today + timedelta(days=max(THRESHOLDS)))
    unaware = Q(noticed_days=None) | Q(noticed_days__gt=F("threshold"))
    waiting = near.annotate(threshold=Case(*crossed)).filter(unaware).order_by("expires_on")
    return list(waiting.values_list("pk", "threshold")[:AT_ONCE])


@transaction.atomic
def _notice(pk: UUID, threshold: int) -> bool:
    unaware = PersonalAccessToken.objects.filter(
        Q(noticed_days=None) | Q(noticed_days__gt=threshold), pk=pk, slot__in=KEPT
    )
    if not unaware.update(noticed_days=threshold):
        return False
    told.of_expiry(_with_organization(pk), threshold)
    return True


def give_notice_of_absence() -> int:
    """Notices of accounts that nobody has signed in with for long. Returns how many tokens."""
    return _tell_each(_unaware_of_absence(timezone.now()), _notice_of_absence)


def _unaware_of_absence(now: datetime) -> Iterator[tuple[UUID, int]]:
    """Tokens and the threshold that their owners do not know of, page by page. What can't be told
    lies behind the next page, and what was told is not in it.
    """
    last_days = [(now - timedelta(days=days), days) for days in ABSENCES]
    crossed = [When(last_access_at__lte=at, then=Value(days)) for at, days in last_days]
    unaware = Q(noticed_absence=None) | Q(noticed_absence__lt=F("threshold"))
    waiting = _away(min(ABSENCES), now).annotate(threshold=Case(*crossed)).filter(unaware)
    rows = waiting.order_by("pk").values_list("pk", "threshold")
    page = list(rows[:AT_ONCE])
    while page:
        yield from page
        page = list(rows.filter(pk__gt=page[-1][0])[:AT_ONCE])


def _away(days: int, now: datetime) -> PersonalAccessTokenQuerySet:
    """Sound tokens whose account nobody has signed in with for so long, as we learned lately."""
    return PersonalAccessToken.objects.in_use().filter(
        verdict=Verdict.HEALTHY,
        last_access_at__lte=now - timedelta(days=days),
        last_access_learned_at__gt=now - ACCESS_BELIEVED,
    )


@transaction.atomic
def _notice_of_absence(pk: UUID, days: int) -> bool:
    """Unless another worker was quicker, or somebody has signed in by now."""
    unaware = Q(noticed_absence=None) | Q(noticed_absence__lt=days)
    if not _away(days, timezone.now()).filter(unaware, pk=pk).update(noticed_absence=days):
        return False
    told.of_long_absence(_with_organization(pk), days)
    return True


def _with_organization(pk: UUID) -> PersonalAccessToken:
    tokens = PersonalAccessToken.objects.select_related("binding__organization").defer("secret")
    return tokens.get(pk=pk)


def check(expires_on: date | None) -> None:
    """Raises ExpiryImpossible for a date that no token of Azure DevOps can have."""
    if expires_on is None:
        return
    days = (expires_on - timezone.now().date()).days
    if days < 0:
        raise ExpiryImpossible(
            "This date has passed. Type the date on which the token will expire."
        )
    if days > LONGEST_LIFE:
        raise ExpiryImpossible(
            "A token of Azure DevOps lives for one year at most, so it expires before this date."
        )
