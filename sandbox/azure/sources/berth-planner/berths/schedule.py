"""The planner: greedy, in order of priority and arrival."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from .model import Berth, Request, Stay
from .tides import Station

LONGEST_WAIT = timedelta(hours=48)
STEP = timedelta(minutes=30)


class NoBerth(Exception):
    """Nothing is free in time. The agent is called."""

    def __init__(self, request: Request) -> None:
        super().__init__(f"No berth for {request.ship.name} within {LONGEST_WAIT}")
        self.request = request


@dataclass
class Plan:
    berths: list[Berth]
    station: Station
    stays: dict[str, list[Stay]] = field(default_factory=lambda: defaultdict(list))
    refused: list[Request] = field(default_factory=list)

    def place(self, request: Request) -> Stay:
        """Give the ship the shortest berth that takes it, waiting outside if it must."""
        waited = timedelta(0)
        while waited <= LONGEST_WAIT:
            start = request.arrival + waited
            end = request.departure + waited
            lowest = self.station.lowest(start, end)
            for berth in sorted(self.berths, key=lambda b: b.length):
                if berth.fits(request.ship, lowest) and self.is_free(berth, start, end):
                    stay = Stay(request.ship, berth, start, end)
                    self.stays[berth.code].append(stay)
                    return stay
            waited += STEP
        raise NoBerth(request)

    def is_free(self, berth, start, end) -> bool:
        return not any(stay.overlaps(start, end) for stay in self.stays[berth.code])

    def utilisation(self, hours: float) -> dict[str, float]:
        """The share of the time each berth is taken, between 0 and 1."""
        return {
            berth.code: sum(
                stay.duration.total_seconds() for stay in self.stays[berth.code]
            )
            / (hours * 3600)
            for berth in self.berths
        }


def plan(berths: Iterable[Berth], station: Station, requests: Iterable[Request]) -> Plan:
    result = Plan(list(berths), station)
    for request in sorted(requests, key=lambda r: (-r.priority, r.arrival)):
        try:
            result.place(request)
        except NoBerth as refusal:
            result.refused.append(refusal.request)
    return result
