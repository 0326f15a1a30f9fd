"""When support is at its desk: Monday to Friday, nine to five, where it is."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS, CLOSES = time(9), time(17)
A_BUSINESS_DAY = timedelta(hours=8)
FRIDAY = 4


def due_after(start: datetime, work: timedelta, zone: ZoneInfo) -> datetime:
    """The moment by which so much of support's time has passed since `start`, which is aware.
    `zone` is where support is.
    """
    moment = _at_the_desk(start.astimezone(zone))
    while (left := _closing(moment) - moment) < work:
        work -= left
        moment = _at_the_desk(_closing(moment))
    return (moment + work).astimezone(start.tzinfo)


def work_between(start: datetime, end: datetime, zone: ZoneInfo) -> timedelta:
    """How much of support's time lies between the two; none where `end` comes first."""
    moment, last, work = _at_the_desk(start.astimezone(zone)), end.astimezone(zone), timedelta()
    while moment < last:
        work += min(_closing(moment), last) - moment
        moment = _at_the_desk(_closing(moment))
    return work


def _at_the_desk(moment: datetime) -> datetime:
    """This moment, or else the next one at which somebody is there."""
    if moment.time() >= CLOSES:
        moment = _opening(moment + timedelta(days=1))
    while moment.weekday() > FRIDAY:
        moment = _opening(moment + timedelta(days=1))
    return max(moment, _opening(moment))


def _opening(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), OPENS, moment.tzinfo)


def _closing(moment: datetime) -> datetime:
    return datetime.combine(moment.date(), CLOSES, moment.tzinfo)
