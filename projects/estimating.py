"""Estimates: made of repositories, counted one by one, ended when nothing is left to count.

Rows are all there is. A worker takes a repository by leasing its row and writes only while it
has it; one that dies leaves a lease that runs out, and whoever comes by takes the row again.
"""

import random
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import Exists, F, Min, OuterRef, QuerySet
from django.utils import timezone

from bindings.models import DevOpsBinding, Repository
from bindings.providers.base import NoAnswer
from core import leases
from core.leases import Lease, LeaseLost
from core.rows import insert
from projects import counting
from projects.code import REFUSALS, Ask, BranchCount, CodeCount, count_code
from projects.models import Estimate, EstimatedRepository
from projects.skips import Skip
from projects.turns import A_WHILE, AT_ONCE, quiet_since

logger = structlog.get_logger(__name__)

ATTEMPTS = 5
# In seconds; whatever the platform says, somebody looks again after the longest.
FIRST_DELAY, LONGEST_DELAY = 10.0, 3600.0
# When one goes wrong, the others wait: in seconds.
AFTER_SILENCE, AFTER_REFUSAL = 15.0, 60.0
# So many refusals in a row are the token's end, and not a repository's.
MOST_REFUSALS = 5
ROW = ("external_id", "project_id", "name", "project_name", "is_public", "is_disabled",
       "default_branch", "size")  # fmt: skip

State = EstimatedRepository.State


def start_estimate(
    repositories: Iterable[dict[str, Any]],
    *,
    binding: DevOpsBinding | None = None,
    repository: Repository | None = None,
) -> Estimate:
    """Make an estimate of repositories, each a dictionary of the columns in ROW; of `repository`
    alone, if that is given.

    The largest are counted first, since they decide the sum, until it is known which ones are
    new: see `projects.ordering`. Public ones are free, and not counted at all.
    """
    estimate = Estimate.objects.create(binding=binding, repository=repository)
    by_size = sorted(repositories, key=lambda each: -each["size"])
    rows = [
        EstimatedRepository(
            estimate=estimate,
            position=position,
            state=State.SKIPPED if row["is_public"] else State.WAITING,
            skipped=Skip.PUBLIC if row["is_public"] else "",
            **{name: row[name] for name in ROW},
        )
        for position, row in enumerate(by_size)
    ]
    insert(rows)
    _end_if_over(estimate.pk)
    return estimate


def cancel_estimate(estimate_id: uuid.UUID) -> bool:
    """Stop counting. What was counted stays, and what is being counted may still come in."""
    running = Estimate.objects.filter(pk=estimate_id, state=Estimate.State.COUNTING)
    return bool(running.update(state=Estimate.State.CANCELLED, ended_at=timezone.now()))


def count_next(estimate_id: uuid.UUID, ask: Ask) -> bool:
    """Count one repository. Returns whether there may be another one to count now."""
    row = _claim_next(estimate_id)
    if row is None:
        _end_if_over(estimate_id)
        return False
    with Lease(row) as lease:
        try:
            _count_or_put_off(lease, ask)
        except LeaseLost:
            logger.info("estimate_lease_lost", repository=str(row.pk))
    _end_if_over(estimate_id)
    return EstimatedRepository.objects.claimable().filter(estimate=estimate_id).exists()


def next_in(estimate_id: uuid.UUID) -> float | None:
    """In how many seconds there may be one to count; None where nothing waits any more."""
    rows = EstimatedRepository.objects.open().filter(
        estimate=estimate_id, estimate__state=Estimate.State.COUNTING
    )
    if rows.in_hand().count() >= AT_ONCE:
        return A_WHILE
    if rows.claimable().exists():
        return 0.0
    soonest = rows.filter(leases.free()).aggregate(at=Min("next_attempt_at"))["at"]
    if soonest is None:
        # Whoever has the last ones may put them off, or die.
        return A_WHILE if rows.exists() else None
    return max(0.0, (soonest - timezone.now()).total_seconds())


def _claim_next(estimate_id: uuid.UUID) -> EstimatedRepository | None:
    rows = EstimatedRepository.objects.filter(
        estimate=estimate_id, estimate__state=Estimate.State.COUNTING
    )
    if rows.in_hand().count() >= AT_ONCE:
        return None
    claimable = EstimatedRepository.objects.claimable()
    # What went wrong once comes after what was not tried; and more than are counted at once,
    # since others may be faster with the first ones.
    in_turn = rows.claimable().order_by("attempts", "position")
    for pk in in_turn.values_list("pk", flat=True)[: 2 * AT_ONCE]:
        if row := leases.claim(claimable, pk, attempts=F("attempts") + 1):
            return row
    return None


def _count_or_put_off(lease: Lease[EstimatedRepository], ask: Ask) -> None:
    try:
        _count_or_heed(lease, ask)
    except LeaseLost:
        raise
    except SoftTimeLimitExceeded:
        _put_off(lease, Skip.TOOK_TOO_LONG)
    except Exception:
        # A bug of ours: reported, and it costs an attempt. The others are counted meanwhile.
        logger.exception("estimate_broke", repository=str(lease.row.pk))
        _put_off(lease, Skip.TOOL_FAILED)


def _count_or_heed(lease: Lease[EstimatedRepository], ask: Ask) -> None:
    # One that took its worker down each time is not given to a sixth one.
    if lease.row.attempts > ATTEMPTS:
        _give_up(lease, Skip.TOOL_FAILED)
        return
    try:
        _write(lease, _count(lease, ask))
    except REFUSALS:
        _heed_refusal(lease)
    except NoAnswer as silence:
        _heed_silence(lease, silence)


def _count(lease: Lease[EstimatedRepository], ask: Ask) -> CodeCount:
    """What an earlier attempt has counted is not counted again."""
    row = lease.row
    version = counting.version()
    kept = {each["commit"]: each for each in row.branches if each["count"]["version"] == version}

    def keep(counted: BranchCount) -> None:
        kept[counted.commit] = counted.as_dict()
        lease.write(branches=list(kept.values()))

    def known(commit: str) -> dict[str, Any] | None:
        return kept[commit]["count"] if commit in kept else None

    is_last = row.attempts >= ATTEMPTS
    return count_code(ask, row, own="", known=known, keep=keep, is_last=is_last)


def _write(lease: Lease[EstimatedRepository], counted: CodeCount) -> None:
    Estimate.objects.filter(pk=lease.row.estimate_id, refusals__gt=0).update(refusals=0)
    largest = counted.largest
    if largest is None:
        lease.end(state=State.SKIPPED, skipped=counted.skipped or Skip.EMPTY)
        return
    lease.end(
        state=State.COUNTED,
        branch=largest.branch,
        code=largest.code,
        branches=[each.as_dict() for each in counted.branches],
        uncounted=counted.uncounted,
        counted_at=timezone.now(),
    )


def _heed_refusal(lease: Lease[EstimatedRepository]) -> None:
    """The token is refused. Nobody asks for a while, and after some refusals in a row nobody asks
    any more. Where it is refused for this repository alone, the others come first.
    """
    row = lease.row
    if row.attempts >= ATTEMPTS:
        _give_up(lease, Skip.REFUSED)
    else:
        lease.end()
    Estimate.objects.filter(pk=row.estimate_id).update(refusals=F("refusals") + 1)
    waiting = EstimatedRepository.objects.open().filter(estimate=row.estimate_id)
    if Estimate.objects.filter(pk=row.estimate_id, refusals__gte=MOST_REFUSALS).exists():
        waiting.update(state=State.SKIPPED, skipped=Skip.REFUSED, lease=None, leased_until=None)
    else:
        _pause(row.estimate_id, AFTER_REFUSAL)


def _heed_silence(lease: Lease[EstimatedRepository], silence: NoAnswer) -> None:
    """The others wait as well, for a while."""
    named = min(silence.retry_after or 0.0, LONGEST_DELAY)
    if silence.is_pause:
        lease.end(attempts=lease.row.attempts - 1)
        _pause(lease.row.estimate_id, max(named, FIRST_DELAY))
    else:
        _put_off(lease, Skip.NO_ANSWER, named)
        _pause(lease.row.estimate_id, max(named, AFTER_SILENCE))


def _put_off(lease: Lease[EstimatedRepository], why: Skip, named: float = 0.0) -> None:
    """Try this one again later, and not for ever."""
    if lease.row.attempts >= ATTEMPTS:
        _give_up(lease, why)
        return
    delay = FIRST_DELAY * 2 ** (lease.row.attempts - 1) * random.uniform(1, 1.5)  # noqa: S311
    lease.end(next_attempt_at=timezone.now() + timedelta(seconds=max(named, delay)))


def _give_up(lease: Lease[EstimatedRepository], why: Skip) -> None:
    lease.end(state=State.SKIPPED, skipped=why)


def _pause(estimate_id: uuid.UUID, seconds: float) -> None:
    until = timezone.now() + timedelta(seconds=seconds)
    waiting = EstimatedRepository.objects.open().filter(estimate=estimate_id)
    waiting.filter(next_attempt_at__lt=until).update(next_attempt_at=until)


@transaction.atomic
def _end_if_over(estimate_id: uuid.UUID) -> None:
    # Locked, so that of two workers with the last two rows one sees that both are done.
    estimate = Estimate.objects.select_for_update().filter(pk=estimate_id).first()
    if estimate and estimate.is_counting and not estimate.repositories.open().exists():
        estimate.state, estimate.ended_at = Estimate.State.DONE, timezone.now()
        estimate.save(update_fields=["state", "ended_at"])


def end_those_over() -> None:
    """A worker may have died between the last repository and the end."""
    open_rows = EstimatedRepository.objects.open().filter(estimate=OuterRef("pk"))
    over = Estimate.objects.filter(~Exists(open_rows), state=Estimate.State.COUNTING)
    for estimate_id in over.values_list("pk", flat=True):
        _end_if_over(estimate_id)


def stalled() -> QuerySet[Estimate]:
    """Estimates that could be counted and are not."""
    since, now = quiet_since(), timezone.now()
    rows = EstimatedRepository.objects.filter(estimate=OuterRef("pk"))
    return Estimate.objects.filter(
        Exists(rows.claimable().filter(next_attempt_at__lt=since)),
        ~Exists(rows.in_hand()),
        ~Exists(rows.filter(counted_at__range=(since, now))),
        state=Estimate.State.COUNTING,
    )
