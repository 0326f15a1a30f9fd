"""Which pilot takes which ship in, and who rests."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .model import Ship, Stay

REST = timedelta(hours=11)
PASSAGE = timedelta(hours=2)
LARGE = 250.0  # metres: needs a pilot of the first class


@dataclass
class Pilot:
    name: str
    first_class: bool = False
    passages: list[datetime] = field(default_factory=list)

    def may_take(self, ship: Ship, when: datetime) -> bool:
        if ship.length > LARGE and not self.first_class:
            return False
        return all(abs(when - taken) >= PASSAGE for taken in self.passages)

    def is_rested(self, when: datetime) -> bool:
        """A pilot rests once within any 24 hours, at a stretch."""
        recent = sorted(t for t in self.passages if when - timedelta(hours=24) <= t < when)
        if not recent:
            return True
        moments = [when - timedelta(hours=24), *recent, when]
        gaps = [later - earlier for earlier, later in zip(moments, moments[1:])]
        return max(gaps) >= REST


class NobodyIsFree(Exception):
    pass


def assign(pilots: list[Pilot], stays: list[Stay]) -> dict[str, Pilot]:
    """IMO number to pilot. The pilot with the fewest passages goes first."""
    chosen = {}
    for stay in sorted(stays, key=lambda s: s.start):
        when = stay.start - PASSAGE
        for pilot in sorted(pilots, key=lambda p: len(p.passages)):
            if pilot.may_take(stay.ship, when) and pilot.is_rested(when):
                pilot.passages.append(when)
                chosen[stay.ship.imo] = pilot
                break
        else:
            raise NobodyIsFree(stay.ship.name)
    return chosen
