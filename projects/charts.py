"""Where the parts of a chart go. Pure: readings in, places and labels out, for an SVG to draw.

Across, places are in thousandths of the width, because a chart is as wide as its page lets it
be; down they are in pixels, so that letters keep their size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from math import ceil
from typing import NamedTuple

from projects.forecast import Reading

WIDTH = 1000
# More than this, and a day of the month says less than a year does.
MONTHS_FROM = 200
DATES = 4


class Point(NamedTuple):
    x: float
    y: float


class Mark(NamedTuple):
    """A label with its place along an axis, and on which side of that it stands."""

    at: str
    label: str
    anchor: str = "middle"


@dataclass(frozen=True)
class Frame:
    """How high a chart is, and how much of that is for labels."""

    height: int
    above: int
    below: int

    @property
    def base(self) -> int:
        return self.height - self.below


LARGE = Frame(height=240, above=26, below=26)
SMALL = Frame(height=72, above=8, below=4)


@dataclass(frozen=True)
class Chart:
    """Lines over time. `ahead` is the forecast, from the last point on; empty without one."""

    frame: Frame
    points: tuple[Point, ...]
    ahead: tuple[Point, ...]
    up: tuple[Mark, ...]
    dates: tuple[Mark, ...]
    limit: Mark | None
    last_label: str

    @property
    def line(self) -> str:
        return " ".join(f"{_text(x)},{_text(y)}" for x, y in self.points)

    @property
    def dashes(self) -> str:
        return " ".join(f"{_text(x)},{_text(y)}" for x, y in self.ahead)

    @property
    def area(self) -> str:
        """What is below the line, down to zero."""
        first, last, base = self.points[0].x, self.points[-1].x, self.frame.base
        return f"{_text(first)},{base} {self.line} {_text(last)},{base}"

    @property
    def last(self) -> Mark:
        return Mark(percent(self.points[-1].x), self.last_label, _anchor(self.points[-1].x))

    @property
    def last_y(self) -> str:
        return _text(self.points[-1].y)

    @property
    def label_y(self) -> str:
        """Above the last point."""
        return _text(self.points[-1].y - 10)


def draw(
    readings: Sequence[Reading],
    *,
    ahead: Sequence[Reading] = (),
    limit: int | None = None,
    frame: Frame = LARGE,
) -> Chart:
    """Readings by day, at least one, and what may follow the last of them."""
    ticks = round_ticks(max(limit or 0, *(each.loc for each in (*readings, *ahead))))
    first, last = readings[0].day, (ahead or readings)[-1].day

    def place(reading: Reading) -> Point:
        across = (reading.day - first).days / max(1, (last - first).days)
        return Point(WIDTH * across, _down(reading.loc, ticks[-1], frame))

    return Chart(
        frame=frame,
        points=tuple(map(place, readings)),
        ahead=tuple(map(place, ahead)),
        up=tuple(Mark(_text(_down(tick, ticks[-1], frame)), short(tick)) for tick in ticks),
        dates=tuple(_dates(first, last)),
        limit=_limit(limit, ticks[-1], frame),
        last_label=f"{readings[-1].loc:,}",
    )


def round_ticks(most: int) -> list[int]:
    """Two to four round numbers from zero on, the last of them not below `most`."""
    steps = (digit * 10**power for power in count() for digit in (1, 2, 5))
    step = next(step for step in steps if 3 * step >= most)
    return [n * step for n in range(max(1, ceil(most / step)) + 1)]


def short(number: int) -> str:
    """`412k` for 412,300 and `1.2M` for 1,234,567."""
    for size, letter in ((1_000_000, "M"), (1000, "k")):
        if number >= size:
            whole = f"{number / size:.1f}" if number < 10 * size else f"{number // size:,}"
            return f"{whole.removesuffix('.0')}{letter}"
    return str(number)


def percent(across: float) -> str:
    return f"{_text(100 * across / WIDTH)}%"


def _limit(limit: int | None, top: int, frame: Frame) -> Mark | None:
    return None if limit is None else Mark(_text(_down(limit, top, frame)), short(limit))


def _down(value: int, top: int, frame: Frame) -> float:
    return frame.base - (frame.base - frame.above) * value / top


def _dates(first: date, last: date) -> list[Mark]:
    """A few days on the axis, the first and the last among them."""
    span = (last - first).days
    few = sorted({round(n * span / (DATES - 1)) for n in range(DATES)})
    return [
        Mark(
            percent(WIDTH * days / max(1, span)),
            _wording(first + timedelta(days=days), span),
            "start" if days == 0 else "end" if days == span else "middle",
        )
        for days in few
    ]


def _wording(day: date, span: int) -> str:
    return f"{day:%b %Y}" if span > MONTHS_FROM else f"{day.day} {day:%b}"


def _anchor(across: float) -> str:
    """A label near an end grows away from it."""
    return "start" if across < WIDTH / 10 else "end" if across > 9 * WIDTH / 10 else "middle"


def _text(number: float) -> str:
    return f"{round(number, 1):g}"
