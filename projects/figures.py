"""What pages show of lines in use: the chart with its words, languages, and projects by size."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone

from projects.charts import LARGE, SMALL, Chart, draw
from projects.counting import Reason
from projects.forecast import Reading, Trend, trend_of
from projects.models import Project
from projects.reasons import WORDS, Words
from projects.sums import InUse, by_size

# The forecast reaches as far ahead as a third of the days behind.
AHEAD = 3
LANGUAGES = 12
TOP = 3


@dataclass(frozen=True)
class Bar:
    """A part of a sum. `share` is of the sum, `bar` of the largest part; both in percent."""

    name: str
    code: int
    share: float
    bar: float


@dataclass(frozen=True)
class LeftOutBar:
    words: Words
    files: int
    code: int
    examples: Sequence[tuple[int, str]] = ()


@dataclass(frozen=True)
class Day:
    """A row of the table behind the chart. `change` is since the row before."""

    day: date
    loc: int
    change: int

    @property
    def words(self) -> str:
        return signed(self.change)


@dataclass(frozen=True)
class Past:
    """Lines in use day by day, the newest first, and where they go. No chart for one day."""

    days: list[Day]
    trend: Trend | None
    ends: date | None
    chart: Chart | None
    limit: int | None = None

    @property
    def change(self) -> int:
        return self.days[0].loc - self.days[-1].loc

    @property
    def pace(self) -> str:
        """In a month."""
        return signed(self.trend.a_month) if self.trend else ""

    @property
    def expected(self) -> int | None:
        """Where the forecast ends."""
        return self.trend.at(self.ends) if self.trend and self.ends else None

    @property
    def words(self) -> str:
        """The chart for who does not see it."""
        first, last = self.days[-1], self.days[0]
        says = [f"From {_date(first.day)} to {_date(last.day)}: first {intcomma(first.loc)} lines "
                f"of code, last {intcomma(last.loc)}, {signed(self.change)}."]  # fmt: skip
        if self.ends:
            says.append(f"Going on like this, {intcomma(self.expected)} on {_date(self.ends)}.")
        if self.limit is not None:
            says.append(f"The limit is {intcomma(self.limit)}.")
        return " ".join(says)


def past_of(readings: Sequence[Reading], *, limit: int | None = None, small: bool = False) -> Past:
    """A chart of readings, the oldest first."""
    days = [
        Day(each.day, each.loc, each.loc - before.loc)
        for before, each in zip((*readings[:1], *readings), readings, strict=False)
    ]
    trend = None if small else trend_of(readings)
    ends = _end(readings) if trend else None
    ahead = trend.until(ends) if trend and ends else ()
    drawn = len(readings) > 1
    frame = SMALL if small else LARGE
    chart = draw(readings, ahead=ahead, limit=limit, frame=frame) if drawn else None
    return Past(days[::-1], trend, ends, chart, limit)


def up_to_now(readings: Sequence[Reading], loc: int) -> list[Reading]:
    """With what is in use now in place of what was written down earlier today."""
    today = timezone.now().date()
    return [*(each for each in readings if each.day < today), Reading(today, loc)]


def since(days: int) -> date:
    """The first of so many days, of which today is the last."""
    return timezone.now().date() - timedelta(days=days - 1)


def language_bars(languages: Sequence[tuple[str, int]]) -> list[Bar]:
    """The largest ones, and the others together."""
    shown, others = list(languages[:LANGUAGES]), languages[LANGUAGES:]
    if others:
        shown.append((f"{len(others)} others", sum(code for _, code in others)))
    return _bars(shown)


def left_out_bars(left_out: dict[str, dict[str, Any]]) -> list[LeftOutBar]:
    """By reason, what would have added most first."""
    rows = sorted(left_out.items(), key=lambda each: (-each[1]["code"], -each[1]["files"]))
    return [
        LeftOutBar(WORDS[Reason(reason)], row["files"], row["code"], row.get("examples", ()))
        for reason, row in rows
    ]


@dataclass(frozen=True)
class ProjectRow:
    """A project in the table. `adds` is nothing where it is free or not counted yet."""

    project: Project
    adds: int
    share: float
    bar: float
    languages: list[tuple[str, int]]


def project_rows(projects: Iterable[Project], in_use: InUse) -> list[ProjectRow]:
    most = max((each.adds for each in in_use.summands), default=0)
    return [_project_row(project, in_use.loc, most) for project in projects]


def _project_row(project: Project, total: int, most: int) -> ProjectRow:
    size = getattr(project, "size", None)
    adds = 0 if project.is_public or size is None else size.loc or 0
    languages = by_size(size.languages)[:TOP] if size else []
    return ProjectRow(project, adds, _share(adds, total), _share(adds, most), languages)


def signed(number: int) -> str:
    """`412 more` or `412 fewer`."""
    return f"{intcomma(abs(number))} {'fewer' if number < 0 else 'more'}" if number else "no change"


def _bars(parts: Sequence[tuple[str, int]]) -> list[Bar]:
    total, most = sum(code for _, code in parts), max((code for _, code in parts), default=0)
    return [Bar(name, code, _share(code, total), _share(code, most)) for name, code in parts]


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0


def _end(readings: Sequence[Reading]) -> date:
    first, last = readings[0].day, readings[-1].day
    return last + (last - first) / AHEAD


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
