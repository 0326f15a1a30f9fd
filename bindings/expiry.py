"""Telling owners in time: before a token expires, and before its account is forgotten.

A threshold is crossed once. `noticed_days` on the token is the claim, taken by a conditional
update in the transaction that writes the notices, so neither a second worker nor a clock that
jumps can repeat one; each notice is unique in the database besides.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from bindings import told
from bindings.errors import ExpiryImpossible
from bindings.lasting import last_to_end
from bindings.models import PersonalAccessToken
from bindings.providers.base import Verdict

logger = structlog.get_logger(__name__)

THRESHOLDS = (60, 30, 14, 7, 3, 1, 0)
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
    """What is not told any more, because a person named this date today and knows it.

    A date that nobody typed is told whenever it is near, and so is one that has passed.
    """
    if expires_on is None or source != PersonalAccessToken.ExpirySource.DECLARED:
        return None
    left = (expires_on - timezone.now().date()).days
    return None if left < 0 else threshold_of(left)


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
    token = PersonalAccessToken.objects.select_related("binding__organization").get(pk=pk)
    told.of_expiry(token, threshold)
    return True


def give_notice_of_absence() -> None:
    """Accounts that nobody has signed in with for long. Each threshold once an absence."""
    now = timezone.now()
    for days in ABSENCES:
        upper = [more for more in ABSENCES if more > days]
        long_ago = PersonalAccessToken.objects.in_use().filter(
            last_access_at__lte=now - timedelta(days=days), verdict=Verdict.HEALTHY
        )
        if upper:
            long_ago = long_ago.filter(last_access_at__gt=now - timedelta(days=min(upper)))
        for token in long_ago.select_related("binding__organization").defer("secret").iterator():
            told.of_long_absence(token, days)


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
