"""An organization's lines in use: from the counts we keep to the sum, and day by day."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from organizations.models import Organization
from projects.forecast import Reading
from projects.models import Project, UsageReading
from projects.skips import Skip
from projects.sums import InUse, Measured, by_size, lines_in_use

logger = structlog.get_logger(__name__)

# Values, since thousands of rows are many objects; a project has up to three of them.
OF_SUM = ("key", "repository__is_public", "size__loc", "size__branch")
OF_REST = ("name", "size__uncounted", "size__skipped", "size__counted_at", "size__languages",
           "size__left_out")  # fmt: skip


@dataclass(frozen=True)
class Uncounted:
    """A project whose newest attempt found nothing, and why. `loc` is what was found before."""

    key: str
    name: str
    loc: int | None
    words: str


@dataclass(frozen=True)
class Usage:
    """Lines in use with all that explains them. Languages and what was left out are of the
    largest branch of each private project; `left_out` is `{reason: {files, code}}`.
    """

    in_use: InUse
    languages: list[tuple[str, int]]
    left_out: dict[str, dict[str, int]]
    uncounted: list[Uncounted]
    projects: int
    public: int
    side_branches: int
    counted_at: datetime | None

    @property
    def loc(self) -> int:
        return self.in_use.loc


@dataclass(frozen=True)
class Counting:
    """How many projects there are, public ones among them, and how many somebody waits for."""

    projects: int
    public: int
    waiting: int
    counted_at: datetime | None

    @property
    def done(self) -> int:
        return self.projects - self.waiting


def usage_of(organization_id: uuid.UUID) -> InUse:
    """Lines in use by the newest count of each project. One query."""
    return _summed_up(_rows(organization_id, OF_SUM))


def explain_usage(organization_id: uuid.UUID) -> Usage:
    """The same with what explains it. One query."""
    rows = _rows(organization_id, OF_SUM + OF_REST)
    private = [row for row in rows if not row["is_public"]]
    return Usage(
        in_use=_summed_up(rows),
        languages=by_size(_summed(row["size__languages"] for row in private)),
        left_out=_left_out(row["size__left_out"] for row in private),
        uncounted=[_uncounted(row) for row in rows if _is_uncounted(row)],
        projects=len(rows),
        public=len(rows) - len(private),
        side_branches=sum(row["size__uncounted"] or 0 for row in private),
        counted_at=max(filter(None, (row["size__counted_at"] for row in rows)), default=None),
    )


def _rows(organization_id: uuid.UUID, fields: tuple[str, ...]) -> list[dict[str, Any]]:
    rows = list(Project.objects.filter(organization=organization_id).values(*fields))
    for row in rows:
        row["is_public"] = bool(row["repository__is_public"])
    return rows


def _summed_up(rows: list[dict[str, Any]]) -> InUse:
    return lines_in_use(_measured(row) for row in rows if row["size__loc"] is not None)


def _measured(row: dict[str, Any]) -> Measured:
    return Measured(row["key"], row["is_public"], {row["size__branch"]: row["size__loc"]})


def _is_uncounted(row: dict[str, Any]) -> bool:
    return bool(row["size__skipped"]) or row["size__loc"] is None


def _uncounted(row: dict[str, Any]) -> Uncounted:
    words = Skip(row["size__skipped"]).label if row["size__skipped"] else ""
    return Uncounted(row["key"], row["name"], row["size__loc"], str(words))


def _summed(counts: Iterable[dict[str, int] | None]) -> Counter[str]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count or {})
    return total


def _left_out(counts: Iterable[dict[str, dict[str, int]] | None]) -> dict[str, dict[str, int]]:
    files, code = Counter[str](), Counter[str]()
    for count in counts:
        for reason, left in (count or {}).items():
            files[reason] += left["files"]
            code[reason] += left["code"]
    return {reason: {"files": files[reason], "code": code[reason]} for reason in files}


def counting_in(organization_id: uuid.UUID) -> Counting:
    """How far counting is. One query."""
    projects = Project.objects.filter(organization=organization_id)
    sums = projects.aggregate(
        projects=Count("pk"),
        public=Count("pk", Q(repository__is_public=True)),
        waiting=Count("pk", Q(size__requested_at__isnull=False)),
        counted_at=Max("size__counted_at"),
    )
    return Counting(**sums)


def readings_of(
    organization_id: uuid.UUID, *, since: date, project: Project | None = None
) -> list[Reading]:
    """Day by day, the oldest first; of the sum, or of one project. One query."""
    rows = UsageReading.objects.filter(
        organization=organization_id, project=project, day__gte=since
    )
    return [Reading(*row) for row in rows.order_by("day").values_list("day", "loc")]


def take_reading(organization_id: uuid.UUID) -> None:
    """Write down today's sum, in place of what it was earlier today."""
    in_use = usage_of(organization_id)
    UsageReading.objects.update_or_create(
        organization_id=organization_id,
        project=None,
        day=timezone.now().date(),
        defaults={"loc": in_use.loc, "projects": in_use.summed},
    )


def take_readings() -> int:
    """Of every organization with projects, also where nothing was counted today. How many."""
    with_projects = Organization.objects.alive().filter(projects__isnull=False).distinct()
    taken = 0
    for organization_id in list(with_projects.values_list("pk", flat=True)):
        try:
            with transaction.atomic():
                take_reading(organization_id)
            taken += 1
        except IntegrityError:
            # It was deleted since, and the others are read all the same.
            logger.info("reading_not_taken", organization=str(organization_id))
    return taken
