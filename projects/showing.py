"""What pages and the API show of an estimate."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from projects.models import Estimate, EstimatedRepository
from projects.progress import Progress, progress_of

# The largest repositories decide the sum; so many are named, and fewer while they still change.
NAMED, NAMED_YET = 25, 8

State = EstimatedRepository.State


@dataclass(frozen=True)
class Row:
    """A counted repository. `share` is its part of the largest one, in percent; `smaller` are its
    other branches with their lines, and of `uncounted` ones nobody knows. `pushed_at` is None where
    the last push is not known.
    """

    name: str
    project_name: str
    branch: str
    code: int
    share: float
    languages: list[tuple[str, int]]
    smaller: list[tuple[str, int]]
    uncounted: int
    pushed_at: datetime | None


@dataclass(frozen=True)
class EstimateShown:
    """An estimate as a page shows it: at most NAMED rows of each kind, and how many more."""

    estimate: Estimate
    progress: Progress
    rows: list[Row]
    more: int
    more_code: int
    skipped: list[EstimatedRepository]
    more_skipped: int


def show(estimate: Estimate) -> EstimateShown:
    """Four queries, however many repositories there are."""
    progress = progress_of(estimate)
    private = estimate.repositories.filter(is_public=False)
    counted = private.filter(state=State.COUNTED).order_by("-code", "name")
    largest = list(counted[: NAMED_YET if estimate.is_counting else NAMED])
    skipped = list(private.filter(state=State.SKIPPED).order_by("position")[:NAMED])
    named = sum(row.code or 0 for row in largest)
    return EstimateShown(
        estimate=estimate,
        progress=progress,
        rows=[_row(row, largest[0].code or 0) for row in largest],
        more=progress.counted - len(largest),
        more_code=progress.loc - named,
        skipped=skipped,
        more_skipped=progress.skipped - len(skipped),
    )


def _row(row: EstimatedRepository, most: int) -> Row:
    return Row(
        name=row.name,
        project_name=row.project_name,
        branch=row.branch,
        code=row.code or 0,
        share=round(100 * (row.code or 0) / most, 1) if most else 0,
        languages=row.languages[:3],
        smaller=[(b["branch"], b["code"]) for b in row.branches if b["branch"] != row.branch],
        uncounted=row.uncounted,
        pushed_at=row.pushed_at,
    )


def as_data(estimate: Estimate) -> dict[str, Any]:
    """For the API."""
    progress = progress_of(estimate)
    return {
        "id": estimate.pk,
        "state": estimate.state,
        "loc": progress.loc,
        "low": progress.low,
        "high": progress.high,
        "repositories": progress.total,
        "counted": progress.counted,
        "skipped": progress.skipped,
        "failed": progress.failed,
        "public": progress.public,
        "seconds_left": progress.seconds_left,
    }
