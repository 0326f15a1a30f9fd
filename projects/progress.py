"""How far an estimate is, and between what its sum will be."""

from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.utils import timezone

from projects.models import Estimate, EstimatedRepository
from projects.skips import Skip

# A range from fewer repositories than this would be a guess.
ENOUGH = 5
FAILED = [
    Skip.NO_ANSWER,
    Skip.REFUSED,
    Skip.TOOL_FAILED,
    Skip.TOO_LARGE,
    Skip.TOO_MUCH_CODE,
    Skip.TOOK_TOO_LONG,
    Skip.NO_ARCHIVE,
    Skip.NOT_AN_ARCHIVE,
]
# The tenth and the ninetieth percentile of lines by byte.
LOW, HIGH = 0.1, 0.9

State = EstimatedRepository.State


@dataclass(frozen=True)
class Progress:
    """Of the private repositories, since only they cost anything. `low` and `high` are None
    while too little is known, and equal once everything is counted. The `failed` among those
    skipped have lines that are not in the sum, so that there is no `high` then. Of the `dated` ones
    the last push is known.
    """

    total: int
    counted: int
    skipped: int
    failed: int
    dated: int
    public: int
    loc: int
    low: int | None
    high: int | None
    seconds_left: int | None

    @property
    def done(self) -> int:
        return self.counted + self.skipped

    @property
    def waiting(self) -> int:
        return self.total - self.done

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 100


def progress_of(estimate: Estimate) -> Progress:
    """Two queries."""
    private = Q(is_public=False)
    waiting = private & Q(state=State.WAITING)
    sums = estimate.repositories.aggregate(
        total=Count("pk", filter=private),
        # Before the next ones, of which one has the column's name.
        failed=Count("pk", filter=private & Q(skipped__in=FAILED)),
        counted=Count("pk", filter=private & Q(state=State.COUNTED)),
        skipped=Count("pk", filter=private & Q(state=State.SKIPPED)),
        dated=Count("pushed_at", filter=private),
        public=Count("pk", filter=Q(is_public=True)),
        loc=Sum("code", filter=private, default=0),
        size_waiting=Sum("size", filter=waiting, default=0),
        size_done=Sum("size", filter=private & ~Q(state=State.WAITING), default=0),
    )
    left, done = sums.pop("size_waiting"), sums.pop("size_done")
    waiting = sums["total"] - sums["counted"] - sums["skipped"]
    low, high = _range(estimate, sums["loc"], left) if waiting else (sums["loc"], sums["loc"])
    if sums["failed"]:
        # They have lines, and nobody knows how many.
        high = None
    seconds = _seconds_left(estimate, left, done)
    return Progress(**sums, low=low, high=high, seconds_left=seconds)


def _range(estimate: Estimate, loc: int, left: int) -> tuple[int | None, int | None]:
    """From how many lines a byte made in the repositories that are counted. `left` is in bytes."""
    counted = estimate.repositories.filter(state=State.COUNTED, is_public=False, size__gt=0)
    rates = sorted((code or 0) / size for code, size in counted.values_list("code", "size"))
    if len(rates) < ENOUGH:
        return None, None
    low, high = (rates[round(share * (len(rates) - 1))] for share in (LOW, HIGH))
    return loc + round(low * left), loc + round(high * left)


def _seconds_left(estimate: Estimate, left: int, done: int) -> int | None:
    """As long as the bytes so far took, for those that are left."""
    if not (estimate.is_counting and done and left):
        return None
    took = (timezone.now() - estimate.started_at).total_seconds()
    return max(1, round(took * left / done))
