"""Tide heights, from the harmonic constants of a station.

The height at a time is a sum of cosines. Four constituents are enough for planning;
the pilots use the full set of thirty-seven.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

# Degrees per hour.
SPEEDS = {
    "M2": 28.9841042,
    "S2": 30.0,
    "K1": 15.0410686,
    "O1": 13.9430356,
}


@dataclass(frozen=True)
class Constituent:
    name: str
    amplitude: float
    phase: float

    def height(self, hours: float) -> float:
        angle = SPEEDS[self.name] * hours - self.phase
        return self.amplitude * math.cos(math.radians(angle))


@dataclass(frozen=True)
class Station:
    name: str
    mean_level: float
    constituents: tuple[Constituent, ...]

    def height(self, when: datetime) -> float:
        hours = (when - EPOCH).total_seconds() / 3600
        return self.mean_level + sum(c.height(hours) for c in self.constituents)

    def lowest(self, start: datetime, end: datetime) -> float:
        """The lowest height of a stay, sampled every ten minutes."""
        return min(self.height(when) for when in _every(start, end, minutes=10))


NORTH = Station(
    "north",
    2.31,
    (
        Constituent("M2", 1.42, 112.0),
        Constituent("S2", 0.48, 158.5),
        Constituent("K1", 0.11, 341.2),
        Constituent("O1", 0.09, 12.7),
    ),
)


def _every(start: datetime, end: datetime, minutes: int) -> Iterator[datetime]:
    when = start
    while when < end:
        yield when
        when += timedelta(minutes=minutes)
    yield end
