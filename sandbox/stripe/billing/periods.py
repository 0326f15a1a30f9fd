"""The calendar of a subscription: when its periods end, counted from its anchor in UTC."""

import calendar
from datetime import UTC, datetime

from sandbox.stripe.world import Object

MINUTE, HOUR, DAY = 60, 3600, 86400
_SECONDS = {"day": DAY, "week": 7 * DAY}
_MONTHS = {"month": 1, "year": 12}


def boundary(anchor: int, recurring: Object, steps: int) -> int:
    """The anchor, so many intervals on. A day that a month lacks is its last day, and only
    there: 31 January, 28 February, 31 March.
    """
    interval, steps = recurring["interval"], steps * recurring.get("interval_count", 1)
    if seconds := _SECONDS.get(interval):
        return anchor + steps * seconds
    start = datetime.fromtimestamp(anchor, UTC)
    months = start.year * 12 + start.month - 1 + steps * _MONTHS[interval]
    year, month = months // 12, months % 12 + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())


def next_boundary(anchor: int, recurring: Object, after: int) -> int:
    """The first boundary later than `after`."""
    steps = _steps_before(anchor, recurring, after)
    while boundary(anchor, recurring, steps) <= after:
        steps += 1
    return boundary(anchor, recurring, steps)


def _steps_before(anchor: int, recurring: Object, after: int) -> int:
    """So many steps that are surely not too many."""
    each = _SECONDS.get(recurring["interval"]) or 31 * DAY * _MONTHS[recurring["interval"]]
    return (after - anchor) // (each * recurring.get("interval_count", 1)) - 1


def same_rhythm(one: Object, other: Object) -> bool:
    return _rhythm(one) == _rhythm(other)


def _rhythm(recurring: Object) -> tuple[str, int]:
    return recurring["interval"], recurring.get("interval_count", 1)


def day_of(moment: int) -> str:
    """As lines of an invoice spell it: 5 Nov 2026."""
    day = datetime.fromtimestamp(moment, UTC)
    return f"{day.day} {day:%b %Y}"
