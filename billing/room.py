"""How far an organization is from its limit, and when it gets there."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from billing.catalogue import tier_title
from billing.models import Plan
from billing.prices import tier_that_fits
from billing.standing import entitlements_for
from billing.usage import InUse, in_use_of
from projects.figures import since, up_to_now
from projects.forecast import Reading, Trend, trend_of
from projects.usage import readings_of

LOOK_BACK = 90
# What is further away than this is anybody's guess.
HORIZON = timedelta(days=365)


@dataclass(frozen=True)
class Room:
    """`limit` is None without one. `readings` end with what is in use now."""

    in_use: InUse
    limit: int | None
    readings: Sequence[Reading]

    @property
    def loc(self) -> int:
        return self.in_use.loc

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 is never said too early."""
        return 100 * self.loc // self.limit if self.limit else 0

    @property
    def over(self) -> int:
        return max(0, self.loc - (self.limit or self.loc))

    @property
    def left(self) -> int:
        return max(0, (self.limit or 0) - self.loc)

    @property
    def is_full(self) -> bool:
        return self.limit is not None and self.loc >= self.limit

    @property
    def trend(self) -> Trend | None:
        return trend_of(self.since(LOOK_BACK))

    @property
    def runs_out(self) -> date | None:
        """The day on which it is full at the pace of these days; None where that is not in sight,
        or behind.
        """
        trend = self.trend
        if trend is None or self.limit is None or self.is_full:
            return None
        day = trend.reaches(self.limit)
        return day if day and day - timezone.now().date() <= HORIZON else None

    def since(self, days: int) -> list[Reading]:
        """The readings of so many days."""
        first = since(days)
        return [reading for reading in self.readings if reading.day >= first]

    @property
    def next_tier(self) -> str:
        """What has room for what is in use, and for more than now."""
        fit = tier_that_fits(max(self.loc, (self.limit or 0) + 1))
        return f"Team {tier_title(fit.loc_limit)}" if fit.loc_limit else Plan.ENTERPRISE.label


def room_of(organization_id: uuid.UUID, *, days: int = LOOK_BACK) -> Room:
    """With at least as many readings as a forecast looks back. Three queries."""
    in_use = in_use_of(organization_id)
    read = readings_of(organization_id, since=since(max(days, LOOK_BACK)))
    limit = entitlements_for(organization_id).loc_limit
    return Room(in_use, limit, up_to_now(read, in_use.loc))
