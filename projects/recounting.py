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
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, QuerySet
from django.utils import timezone

from bindings.inventory import follow
from bindings.models import Repository
from bindings.platforms import open_azure
from bindings.providers.azure_answers import NotVisible
from bindings.providers.base import NoAnswer, Verdict
from bindings.use import use_token
from core import leases
from core.leases import Lease, LeaseLost
from organizations.models import Organization
from projects import counting
from projects.code import REFUSALS, Ask, BranchCount, CodeCount, count_code
from projects.models import EstimatedRepository, LineCount, Project, ProjectSize, UsageReading
from projects.skips import Skip
from projects.turns import A_WHILE, AT_ONCE, quiet_since

logger = structlog.get_logger(__name__)

ATTEMPTS = 5
# In seconds; whatever the platform says, somebody looks again after the longest.
FIRST_DELAY, LONGEST_DELAY = 60.0, 3600.0
# What is due within so many seconds is waited for.
SOON = 900.0
# How long a count is kept that is not current any more.
KEPT = timedelta(days=30)
# Everything is counted again at night, UTC, spread over these hours.
NIGHT, HOURS = time(1), 4


def count_next(organization_id: uuid.UUID) -> None:
    """Count a project that is due, unless as many are counted as may be at once."""
    project_id = next_due(organization_id)
    if project_id and _in_hand(organization_id) < AT_ONCE:
        count_project(project_id)


def next_in(organization_id: uuid.UUID) -> float | None:
    """In how many seconds there may be one to count; None where none is due soon."""
    if _in_hand(organization_id) >= AT_ONCE:
        return A_WHILE
    if next_due(organization_id):
        return 0.0
    sizes = ProjectSize.objects.filter(leases.free(), project__organization=organization_id)
    soonest = sizes.aggregate(at=Min("next_count_at"))["at"]
    seconds = (soonest - timezone.now()).total_seconds() if soonest else SOON
    return max(0.0, seconds) if seconds < SOON else None


def _in_hand(organization_id: uuid.UUID) -> int:
    return ProjectSize.objects.in_hand().filter(project__organization=organization_id).count()


def count_project(project_id: uuid.UUID) -> None:
    """Count a project that is due. Of two workers, one does."""
    size = leases.claim(ProjectSize.objects.due(), project_id, attempts=F("attempts") + 1)
    project = Project.objects.select_related("repository").filter(pk=project_id).first()
    if size is None or project is None:
        return
    with Lease(size) as lease:
        try:
            _count_or_put_off(lease, project)
        except LeaseLost:
            logger.info("count_lease_lost", project=str(project_id))


def request_count(projects: Collection[uuid.UUID]) -> int:
    """Somebody wants to know now, also where a count is under way that may have begun with what
    was. How many are newly asked for.
    """
    now = timezone.now()
    make_sizes(projects)
    wanted = ProjectSize.objects.filter(pk__in=projects)
    fresh = wanted.filter(requested_at=None).update(requested_at=now, next_count_at=now, attempts=0)
    wanted.filter(requested_at__lt=now).exclude(leases.free()).update(requested_at=now)
    return fresh


def next_due(organization_id: uuid.UUID) -> uuid.UUID | None:
    """A project of the organization that is due and that nobody counts; what somebody waits for
    comes first.
    """
    alive = Organization.objects.alive().filter(pk=organization_id)
    due = ProjectSize.objects.due().filter(project__organization__in=alive)
    in_turn = due.order_by(F("requested_at").asc(nulls_last=True), "next_count_at", "pk")
    return in_turn.values_list("pk", flat=True).first()


def stalled() -> QuerySet[Project, uuid.UUID]:
    """Organizations with projects that are due and of which none is counted; what waits longest
    comes first.
    """
    at_work = ProjectSize.objects.in_hand().filter(project__organization=OuterRef("organization"))
    waiting = ProjectSize.objects.due().filter(next_count_at__lt=quiet_since())
    alive = Organization.objects.alive()
    found = Project.objects.filter(~Exists(at_work), size__in=waiting, organization__in=alive)
    by_organization = found.values("organization").annotate(since=Min("size__next_count_at"))
    return by_organization.order_by("since").values_list("organization", flat=True)


def make_sizes(projects: Iterable[uuid.UUID]) -> None:
    """A row for each project that has none."""
    rows = [ProjectSize(project_id=pk) for pk in projects]
    ProjectSize.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def make_missing_sizes() -> None:
    """For projects that were made since."""
    alive = Organization.objects.alive()
    missing = Project.objects.filter(size=None, organization__in=alive)
    make_sizes(missing.values_list("pk", flat=True)[:5000])


def _count_or_put_off(lease: Lease[ProjectSize], project: Project) -> None:
    try:
        _count_or_heed(lease, project)
    except LeaseLost:
        raise
    except SoftTimeLimitExceeded:
        _put_off(lease, Skip.TOOK_TOO_LONG)
    except Exception:
        logger.exception("count_broke", project=str(project.pk))
        _put_off(lease, Skip.TOOL_FAILED)


def _count_or_heed(lease: Lease[ProjectSize], project: Project) -> None:
    try:
        if lease.row.attempts > ATTEMPTS:
            _end(lease, skipped=Skip.TOOL_FAILED)
        elif project.repository is None:
            _end(lease, skipped=Skip.NO_SOURCE)
        else:
            _write(lease, project, _count(lease, project, project.repository))
    except REFUSALS:
        _put_off(lease, Skip.REFUSED)
    except NoAnswer as silence:
        _heed_silence(lease, project, silence)


def _count(lease: Lease[ProjectSize], project: Project, repository: Repository) -> CodeCount:
    """Of the repository as it is tonight: its default branch may be another one, and it may be
    public, disabled or elsewhere by now.
    """
    ask = _ask(project)
    try:
        found = ask(lambda p: p.repository(repository.project_id, repository.external_id))
    except NotVisible:
        return CodeCount(skipped=Skip.VANISHED)
    follow(repository, found, is_ours=not project.has_own_token)
    if found.is_in_maintenance:
        # Asking for more would slow down all others, too.
        raise NoAnswer(Verdict.UNAVAILABLE)

    def keep(counted: BranchCount) -> None:
        lease.check()
        _rows(project, [counted], is_current=False)

    known = partial(_known, project)
    is_last = lease.row.attempts >= ATTEMPTS
    return count_code(ask, repository, own=project.rules, known=known, keep=keep, is_last=is_last)


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
    if largest is None and counted.skipped != Skip.EMPTY:
        # What was counted before stands.
        _end(lease, skipped=counted.skipped)
        return
    has_changed = _store(project, counted.branches)
    now = timezone.now()
    loc = largest.code if largest else 0
    _end(
        lease,
        loc=loc,
        branch=largest.branch if largest else "",
        uncounted=counted.uncounted,
        skipped=counted.skipped or "",
        **(largest.summary() if largest else {"languages": {}, "left_out": {}}),
        counted_at=now,
        **({"changed_at": now} if has_changed else {}),
    )
    UsageReading.objects.update_or_create(
        organization_id=project.organization_id,
        project=project,
        day=now.date(),
        defaults={"loc": loc},
    )


def _store(project: Project, branches: list[BranchCount]) -> bool:
    """Mark what was counted as what is there now. Whether the code is another than before: that
    of the default branch, since other rules and other branches are no work on it.
    """
    before = project.counts.filter(is_current=True)
    commits = set(before.values_list("commit", flat=True))
    before.update(is_current=False)
    _rows(project, branches, is_current=True)
    old = project.counts.filter(is_current=False, counted_at__lt=timezone.now() - KEPT)
    old.delete()
    return bool(branches) and branches[0].commit not in commits


def _rows(project: Project, branches: list[BranchCount], *, is_current: bool) -> None:
    version = version_for(project)
    rows = [
        LineCount(
            project=project,
            branch=each.branch,
            commit=each.commit,
            version=version,
            code=each.code,
            count=each.count,
            is_current=is_current,
        )
        for each in branches
    ]
    # One that is known stays as it is, save that it may be current again.
    if is_current:
        LineCount.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["project", "branch", "commit", "version"],
            update_fields=["is_current"],
        )
    else:
        LineCount.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def _end(lease: Lease[ProjectSize], **values: Any) -> None:
    """Until the next night, unless somebody asked again while it was counted."""
    asked = lease.row.requested_at
    lease.end(**values, attempts=0, next_count_at=next_night())
    mine = ProjectSize.objects.filter(pk=lease.row.pk)
    if asked:
        mine.filter(requested_at=asked).update(requested_at=None)
    mine.filter(requested_at__isnull=False).update(next_count_at=timezone.now())


def _heed_silence(lease: Lease[ProjectSize], project: Project, silence: NoAnswer) -> None:
    named = min(silence.retry_after or 0.0, LONGEST_DELAY)
    if not silence.is_pause:
        _put_off(lease, Skip.NO_ANSWER, named)
        return
    # Not this repository's doing, and all that ask with the same token wait.
    later = timezone.now() + timedelta(seconds=max(named, FIRST_DELAY))
    lease.end(attempts=lease.row.attempts - 1, next_count_at=later)
    if not project.has_own_token:
        others = ProjectSize.objects.due().filter(project__organization=project.organization_id)
        others.filter(project__fingerprint="").update(next_count_at=later)


def _put_off(lease: Lease[ProjectSize], why: Skip, named: float = 0.0) -> None:
    """Try again, and after a while leave it to the next night."""
    attempts = lease.row.attempts
    if attempts >= ATTEMPTS:
        _end(lease, skipped=why)
        return
    delay = max(named, FIRST_DELAY * 2 ** (attempts - 1) * random.uniform(1, 1.5))  # noqa: S311
    # Once is soon made good. After that, whoever waits is told what is known.
    waits = {} if attempts == 1 else {"requested_at": None}
    lease.end(next_count_at=timezone.now() + timedelta(seconds=delay), **waits)


def next_night() -> datetime:
    """Some time in the next night."""
    now = timezone.now()
    begins = datetime.combine(now.date(), NIGHT, tzinfo=now.tzinfo)
    if begins <= now:
        begins += timedelta(days=1)
    return begins + timedelta(hours=random.uniform(0, HOURS))  # noqa: S311
