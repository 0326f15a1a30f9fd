"""Which way a change of plan goes."""

from enum import StrEnum
from typing import Protocol

_LENGTH = {"month": 1, "year": 12}


class Way(StrEnum):
    """Upgrades are paid and had at once; what was paid already is never taken away."""

    NONE = "none"
    NOW = "now"
    LATER = "later"


class Sold(Protocol):
    """A subscription or a price."""

    @property
    def plan(self) -> str: ...
    @property
    def loc_limit(self) -> int: ...
    @property
    def interval(self) -> str: ...


def kind_of_change(current: Sold, wanted: Sold, *, on_trial: bool = False) -> Way:
    """Now where something is gained and nothing lost: more lines, or a year for a month. With the
    next period where lines are given up or a year is, also if something else is gained. In a
    trial nothing was paid, so that anything can be had at once.

    The same choice at another price is no change: whoever pays an old price keeps it.
    """
    before, after = _measure(current), _measure(wanted)
    if current.plan == wanted.plan and before == after:
        return Way.NONE
    if on_trial or all(new >= old for old, new in zip(before, after, strict=True)):
        return Way.NOW
    return Way.LATER


def _measure(sold: Sold) -> tuple[int, int]:
    return sold.loc_limit, _LENGTH.get(sold.interval, 0)
