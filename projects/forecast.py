"""Where the lines of code are going, by the days behind. Pure: no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import NamedTuple

# From fewer days than this a line could point anywhere.
FEWEST = 7
MONTH = 30
# Days ahead; what is further away is never.
FURTHEST = 100 * 365


class Reading(NamedTuple):
    """Lines in use on a day."""

    day: date
    loc: int


@dataclass(frozen=True)
class Trend:
    """Lines more or fewer a day, from the last reading on."""

    last: Reading
    a_day: float

    @property
    def a_month(self) -> int:
        return round(MONTH * self.a_day)

    def at(self, day: date) -> int:
        """So many on a day to come, if it goes on like this. Never less than nothing."""
        return max(0, round(self.last.loc + self.a_day * (day - self.last.day).days))

    def reaches(self, loc: int) -> date | None:
        """The first day on which it is so many; None where it never is, or was before."""
        if self.a_day <= 0 or loc <= self.last.loc:
            return None
        days = ceil((loc - self.last.loc) / self.a_day)
        return self.last.day + timedelta(days=days) if days <= FURTHEST else None

    def until(self, day: date) -> list[Reading]:
        """Day by day, from the last reading to that day."""
        days = range((day - self.last.day).days + 1)
        dates = (self.last.day + timedelta(days=n) for n in days)
        return [Reading(each, self.at(each)) for each in dates]


def trend_of(readings: Sequence[Reading]) -> Trend | None:
    """The straight line with the least squares to all readings; None where there are too few.

    It starts where the last reading is, since that is where everybody sees that one is.
    """
    if len(readings) < FEWEST:
        return None
    first = readings[0].day
    days = [(each.day - first).days for each in readings]
    middle, mean = sum(days) / len(days), sum(each.loc for each in readings) / len(readings)
    spread = sum((day - middle) ** 2 for day in days)
    pairs = zip(days, readings, strict=True)
    slope = sum((day - middle) * (each.loc - mean) for day, each in pairs) / spread
    return Trend(readings[-1], slope)
