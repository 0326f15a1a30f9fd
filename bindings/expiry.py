"""Telling owners in time: before a token expires, and before its account is forgotten.

A threshold is crossed once. `noticed_days` on the token is the claim, taken by a conditional
update in the transaction that writes the notices, so neither a second worker nor a clock that
jumps can repeat one; each notice is unique in the database besides.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from bindings import told
from bindings.errors import ExpiryImpossible
from bindings.models import PersonalAccessToken, PersonalAccessTokenQuerySet
from bindings.providers.base import Verdict

THRESHOLDS = (60, 30, 14, 7, 3, 1, 0)
ABSENCES = (80, 60, 30)
AT_ONCE = 1000
# Days that a token of Azure DevOps lives at most.
LONGEST_LIFE = 366


def threshold_of(days_left: int) -> int | None:
    """The last threshold crossed with so many days left: 60 with 31 to 60; None with more."""
    crossed = [days for days in THRESHOLDS if days_left <= days]
    return min(crossed, default=None)


def already_crossed(expires_on: date | None) -> int | None:
    """What a person who names this date today need not be told."""
    if expires_on is None:
        return None
    return threshold_of((expires_on - timezone.now().date()).days)


def give_notice() -> int:
    """Notices of all thresholds crossed since the last time. Returns how many tokens."""
    today, told_of = timezone.now().date(), 0
    for threshold in reversed(THRESHOLDS):
        waiting = _waiting_for(threshold, today)
        ids = list(waiting.values_list("pk", flat=True)[:AT_ONCE])
        told_of += sum(_notice(pk, threshold) for pk in ids)
    return told_of


def _waiting_for(threshold: int, today: date) -> PersonalAccessTokenQuerySet:
    """Tokens past this threshold and not past the next one, whose owners do not know it."""
    below = max((days for days in THRESHOLDS if days < threshold), default=None)
    due = PersonalAccessToken.objects.in_use().filter(
        Q(noticed_days=None) | Q(noticed_days__gt=threshold),
        expires_on__lte=today + timedelta(days=threshold),
    )
    if below is not None:
        due = due.filter(expires_on__gt=today + timedelta(days=below))
    return due.exclude(Exists(_longer_standby()))


def _longer_standby() -> PersonalAccessTokenQuerySet:
    """A replacement that takes over by itself and lasts longer: nobody has to act."""
    return PersonalAccessToken.objects.standing_by().filter(
        Q(expires_on=None) | Q(expires_on__gt=OuterRef("expires_on")),
        binding=OuterRef("binding"),
    )


@transaction.atomic
def _notice(pk: UUID, threshold: int) -> bool:
    unaware = PersonalAccessToken.objects.in_use().filter(
        Q(noticed_days=None) | Q(noticed_days__gt=threshold), pk=pk
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
