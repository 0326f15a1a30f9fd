"""What became of a token over time: kept for 400 days, thinned to one a day after 30."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from bindings.models import DevOpsBinding, Verification
from bindings.providers.base import Verdict
from bindings.verdicts import NOT_VERDICTS

KEPT = timedelta(days=400)
WHOLE = timedelta(days=30)
AT_ONCE = 5000
# What is left after so long waits for the next run.
SECONDS = 300.0


@dataclass(frozen=True)
class Day:
    """One square of the strip. `state`: good, bad, doubt, silent or none."""

    date: date
    state: str

    @property
    def word(self) -> str:
        return STATES[self.state]

    @property
    def is_trouble(self) -> bool:
        return self.state in ("bad", "doubt", "silent")


STATES = {
    "good": "healthy",
    "bad": "refused",
    "doubt": "refused once, then healthy",
    "silent": "Azure DevOps did not answer",
    "none": "not checked",
}
# The gravest that happened on a day is what the day is remembered for.
GRAVITY = ["none", "good", "silent", "doubt", "bad"]


def strip(binding: DevOpsBinding, *, days: int) -> list[Day]:
    """The last days, oldest first, with what concerned the token in use. One query."""
    today = timezone.now().date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, datetime.min.time(), UTC)
    rows = (
        binding.verifications.of_current()
        .filter(at__gte=since)
        .annotate(day=TruncDate("at"))
        .values_list("day", "verdict", "is_doubted")
        .annotate(times=Count("pk"))
    )
    worst: dict[date, str] = {}
    for day, verdict, is_doubted, _ in rows:
        state = state_of(verdict, is_doubted=is_doubted)
        worst[day] = max(worst.get(day, "none"), state, key=GRAVITY.index)
    dates = (first + timedelta(days=n) for n in range(days))
    return [Day(day, worst.get(day, "none")) for day in dates]


def state_of(verdict: str, *, is_doubted: bool) -> str:
    if verdict == Verdict.HEALTHY:
        return "good"
    if verdict == Verdict.CALLED_OFF:
        return "none"
    if verdict in NOT_VERDICTS:
        return "silent"
    return "doubt" if is_doubted else "bad"


def thin_out() -> int:
    """Forget what is too old, and all but the gravest of each day past the first month."""
    until, gone = time.monotonic() + SECONDS, 0
    while time.monotonic() < until and (some := _forget_some(until)):
        gone += some
    return gone


def _forget_some(until: float) -> int:
    now = timezone.now()
    gone, _ = Verification.objects.filter(pk__in=_first(at__lt=now - KEPT)).delete()
    for binding_id, day in _crowded_days(before=(now - WHOLE).date()):
        if time.monotonic() >= until:
            break
        gone += _thin(binding_id, day)
    return gone


def _first(**condition: Any) -> list[Any]:
    return list(Verification.objects.filter(**condition).values_list("pk", flat=True)[:AT_ONCE])


def _crowded_days(*, before: date) -> Iterator[tuple[Any, date]]:
    """Of the month before that day. What is older was thinned when it was in it."""
    end = datetime.combine(before, datetime.min.time(), UTC)
    crowded = (
        Verification.objects.filter(at__gte=end - WHOLE, at__lt=end)
        .annotate(day=TruncDate("at"))
        .values_list("binding_id", "day", "slot")
        .annotate(times=Count("pk"))
        .filter(times__gt=1)[:AT_ONCE]
    )
    return ((binding_id, day) for binding_id, day, _, _ in list(crowded))


def _thin(binding_id: Any, day: date) -> int:
    gravest: dict[str, tuple[int, Any]] = {}
    of_day = Verification.objects.filter(binding=binding_id, at__date=day)
    for row in of_day.only("verdict", "is_doubted", "slot").order_by("at"):
        weight = GRAVITY.index(state_of(row.verdict, is_doubted=row.is_doubted))
        if weight > gravest.get(row.slot, (-1, None))[0]:
            gravest[row.slot] = (weight, row.pk)
    kept = [pk for _, pk in gravest.values()]
    gone, _ = of_day.exclude(pk__in=kept).delete()
    return gone
