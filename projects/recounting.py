"""Counting projects, nightly and on demand: the truth after the estimate.

A project's row of sizes says when it is due. A worker takes it by its lease, asks for the heads
of its branches, downloads what it has not counted yet, and writes what it found.
"""

import hashlib
import random
import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from bindings.models import PersonalAccessToken
from bindings.platforms import open_azure
from bindings.providers.base import NoAnswer, Refused
from bindings.use import use_token
from core import leases
from core.leases import Lease, LeaseLost
from projects import counting
from projects.code import Ask, BranchCount, CodeCount, Source, count_code
from projects.models import EstimatedRepository, LineCount, Project, ProjectSize, UsageReading
from projects.skips import Skip

logger = structlog.get_logger(__name__)

ATTEMPTS = 5
FIRST_DELAY = 60.0
# Of one organization in a round of the sweep.
OF_ONE = 20
# Everything is counted again at night, UTC, spread over these hours.
NIGHT, HOURS = time(1), 4


def count_project(project_id: uuid.UUID) -> None:
    """Count a project that is due. Of two workers, one does."""
    size = leases.claim(ProjectSize.objects.due(), project_id, attempts=F("attempts") + 1)
    if size is None:
        return
    with Lease(size) as lease:
        try:
            _count_or_put_off(lease)
        except LeaseLost:
            logger.info("count_lease_lost", project=str(project_id))


def request_count(projects: Collection[uuid.UUID]) -> int:
    """Somebody wants to know now. Asking twice changes nothing. How many are newly asked for."""
    now = timezone.now()
    make_sizes(projects)
    wanted = ProjectSize.objects.filter(pk__in=projects, requested_at=None)
    return wanted.update(requested_at=now, next_count_at=now, attempts=0)


def next_requested(organization_id: uuid.UUID) -> uuid.UUID | None:
    """A project of the organization that somebody waits for and nobody counts."""
    due = ProjectSize.objects.due().filter(
        project__organization=organization_id, requested_at__isnull=False
    )
    return due.order_by("requested_at", "pk").values_list("pk", flat=True).first()


def make_sizes(projects: Iterable[uuid.UUID]) -> None:
    """A row for each project that has none."""
    rows = [ProjectSize(project_id=pk) for pk in projects]
    ProjectSize.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def make_missing_sizes() -> None:
    """For projects that were made since."""
    missing = Project.objects.filter(size=None, organization__closed_at=None)
    make_sizes(missing.values_list("pk", flat=True)[:5000])


def due_in_turn(*, most: int) -> list[uuid.UUID]:
    """Projects that are due, a few of each organization, those asked for by a person first."""
    turn = Window(
        RowNumber(),
        partition_by=F("project__organization"),
        order_by=[F("requested_at").asc(nulls_last=True), F("next_count_at")],
    )
    due = ProjectSize.objects.due().annotate(turn=turn).order_by("turn", "next_count_at")
    return list(due.filter(turn__lte=OF_ONE).values_list("pk", flat=True)[:most])


def _count_or_put_off(lease: Lease[ProjectSize]) -> None:
    project = Project.objects.select_related("repository").get(pk=lease.row.pk)
    try:
        if lease.row.attempts > ATTEMPTS:
            _end(lease, skipped=Skip.TOOL_FAILED)
        elif project.repository is None or project.repository.vanished_at and not project.secret:
            _end(lease, skipped=Skip.VANISHED if project.repository else Skip.NO_SOURCE)
        else:
            _write(lease, project, _count(project, project.repository))
    except (Refused, NoAnswer, PersonalAccessToken.DoesNotExist) as silence:
        _put_off(lease, silence)
    except LeaseLost:
        raise
    except Exception:
        logger.exception("count_broke", project=str(project.pk))
        _put_off(lease, None)


def _count(project: Project, source: Source) -> CodeCount:
    known = partial(_known, project)
    return count_code(_ask(project), source, own=project.rules, known=known)


def _ask(project: Project) -> Ask:
    """With the project's own token, where it has one; else with the organization's."""
    binding_id = project.repository.binding_id  # type: ignore[union-attr]
    if not project.has_own_token:
        return partial(use_token, binding_id)
    name = project.repository.binding.external_name  # type: ignore[union-attr]
    platform = open_azure(name, project.secret.reveal(project))
    return lambda question: question(platform)


def version_for(project: Project) -> str:
    """By what a count of this project is made: its own list is a part of the rules."""
    if not project.rules:
        return counting.version()
    digest = hashlib.sha256(project.rules.encode()).hexdigest()[:8]
    return f"{counting.version()}, list {digest}"


def _known(project: Project, commit: str) -> dict[str, Any] | None:
    """What was counted of a commit already, for this project or in an estimate."""
    version = version_for(project)
    mine = LineCount.objects.filter(project=project, commit=commit, version=version)
    if found := mine.values_list("count", flat=True).first():
        return found
    return None if project.rules else _estimated(project, commit)


def _estimated(project: Project, commit: str) -> dict[str, Any] | None:
    repository = project.repository
    if repository is None:
        return None
    rows = EstimatedRepository.objects.filter(
        estimate__binding=repository.binding_id, external_id=repository.external_id
    )
    for branches in rows.order_by("-counted_at").values_list("branches", flat=True)[:3]:
        for each in branches:
            if each["commit"] == commit and each["count"]["version"] == counting.version():
                return dict(each["count"])
    return None


@transaction.atomic
def _write(lease: Lease[ProjectSize], project: Project, counted: CodeCount) -> None:
    largest = counted.largest
    if largest is None:
        _end(lease, skipped=counted.skipped or Skip.EMPTY)
        return
    has_changed = _store(project, counted.branches)
    now = timezone.now()
    _end(
        lease,
        loc=largest.code,
        branch=largest.branch,
        uncounted=counted.uncounted,
        skipped="",
        **largest.summary(),
        counted_at=now,
        **({"changed_at": now} if has_changed else {}),
    )
    UsageReading.objects.update_or_create(
        organization_id=project.organization_id,
        project=project,
        day=now.date(),
        defaults={"loc": largest.code},
    )


def _store(project: Project, branches: list[BranchCount]) -> bool:
    """Keep what was counted, and mark it as what is there now. Whether anything is new."""
    version = version_for(project)
    before = set(project.counts.filter(is_current=True).values_list("branch", "commit", "version"))
    after = {(each.branch, each.commit, version) for each in branches}
    if before == after:
        return False
    project.counts.filter(is_current=True).update(is_current=False)
    rows = [
        LineCount(
            project=project,
            branch=each.branch,
            commit=each.commit,
            version=version,
            code=each.code,
            count=each.count,
        )
        for each in branches
    ]
    LineCount.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["project", "branch", "commit", "version"],
        update_fields=["is_current"],
    )
    return True


def _end(lease: Lease[ProjectSize], **values: Any) -> None:
    lease.end(**values, attempts=0, requested_at=None, next_count_at=next_night())


def _put_off(lease: Lease[ProjectSize], silence: Exception | None) -> None:
    """Try again, and after a while leave it to the next night."""
    attempts = lease.row.attempts
    if attempts >= ATTEMPTS:
        skipped = Skip.REFUSED if isinstance(silence, Refused) else Skip.NO_ANSWER
        _end(lease, skipped=skipped if silence else Skip.TOOL_FAILED)
        return
    named = getattr(silence, "retry_after", None) or 0.0
    delay = max(named, FIRST_DELAY * 2 ** (attempts - 1) * random.uniform(1, 1.5))  # noqa: S311
    # Once is soon made good. After that, whoever waits is told what is known.
    waits = {} if attempts == 1 else {"requested_at": None}
    lease.end(next_count_at=timezone.now() + timedelta(seconds=delay), **waits)


def next_night() -> datetime:
    """Some time in the next night."""
    now = timezone.now()
    spread = timedelta(hours=random.uniform(0, HOURS))  # noqa: S311
    begins = datetime.combine(now.date(), NIGHT, tzinfo=now.tzinfo)
    while begins + spread <= now + timedelta(hours=HOURS):
        begins += timedelta(days=1)
    return begins + spread
