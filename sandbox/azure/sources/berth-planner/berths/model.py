"""Ships, berths and stays. All lengths are in metres, all times in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

CLEARANCE = 15.0  # between two ships at one quay
UNDER_KEEL = 0.6


@dataclass(frozen=True, order=True)
class Ship:
    imo: str
    name: str = field(compare=False)
    length: float = field(compare=False)
    draught: float = field(compare=False)
    dangerous: bool = field(default=False, compare=False)

    def __post_init__(self) -> None:
        if self.length <= 0 or self.draught <= 0:
            raise ValueError(f"{self.name} has no size")

    @property
    def needed_length(self) -> float:
        return self.length + 2 * CLEARANCE

    @property
    def needed_depth(self) -> float:
        return self.draught + UNDER_KEEL


@dataclass(frozen=True)
class Berth:
    code: str
    length: float
    depth: float  # at mean low water
    takes_dangerous: bool = False

    def fits(self, ship: Ship, lowest_tide: float) -> bool:
        """Whether the ship can lie here while the tide never falls below the given height."""
        if ship.dangerous and not self.takes_dangerous:
            return False
        return (
            self.length >= ship.needed_length
            and self.depth + lowest_tide >= ship.needed_depth
        )


@dataclass(frozen=True)
class Stay:
    ship: Ship
    berth: Berth
    start: datetime
    end: datetime

    def overlaps(self, start: datetime, end: datetime) -> bool:
        return self.start < end and start < self.end

    @property
    def duration(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True)
class Request:
    """An agent asks for a berth."""

    ship: Ship
    arrival: datetime
    hours: float
    priority: int = 0

    @property
    def departure(self) -> datetime:
        return self.arrival + timedelta(hours=self.hours)
