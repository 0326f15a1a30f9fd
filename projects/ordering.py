"""Which repositories of an estimate come first: the newest and the largest in turns.

The list of repositories tells how large each is, and nothing of when somebody worked on it. So
counting begins with the largest, and meanwhile the platform is asked for the last push of each.
"""

import time
import uuid
from collections import deque
from collections.abc import Hashable, Iterable
from functools import partial
from typing import TypeVar

import structlog
from django.core.cache import cache

from bindings.models import PersonalAccessToken
from bindings.providers.azure import AzureDevOps
from bindings.providers.azure_answers import NotVisible
from bindings.providers.base import NoAnswer, Refused
from core.secrets import SecretUnreadable
from projects.code import Ask
from projects.models import Estimate, EstimatedRepository

logger = structlog.get_logger(__name__)

# With fewer, all are counted before the order would matter.
FEWEST = 10
# A request for each, and seconds after which no other one is made.
MOST, LONGEST = 1000, 100.0
# For so long, in seconds, the same estimate is not asked about again.
ONCE = 3600

Each = TypeVar("Each", bound=Hashable)


def order_by_push(estimate_id: uuid.UUID, ask: Ask) -> None:
    """Ask for the last push of what waits, the largest first, and put the newest between them.

    The first refusal, or no answer, ends the questions: what is not known then goes by its size.
    """
    left = deque(_worth_asking(estimate_id))
    if len(left) < FEWEST or not cache.add(f"pushes-{estimate_id}", 1, timeout=ONCE):
        return
    until = time.monotonic() + LONGEST
    try:
        ask(partial(_ask_for_each, left, until))
    except (Refused, NoAnswer, SecretUnreadable, PersonalAccessToken.DoesNotExist) as failure:
        logger.info("pushes_not_known", estimate=str(estimate_id), why=str(failure), left=len(left))
    _reorder(estimate_id)


def in_turns(first: Iterable[Each], second: Iterable[Each]) -> list[Each]:
    """One of the first, one of the second, and so on: all of both, and each once."""
    taken: dict[Each, None] = {}
    turns = deque([iter(first), iter(second)])
    while turns:
        those = turns.popleft()
        for each in those:
            if each not in taken:
                taken[each] = None
                turns.append(those)
                break
    return list(taken)


def _worth_asking(estimate_id: uuid.UUID) -> list[EstimatedRepository]:
    """Public ones don't wait, and without a default branch nobody has pushed yet."""
    waiting = EstimatedRepository.objects.open().filter(estimate=estimate_id, is_disabled=False)
    return list(waiting.exclude(default_branch="").order_by("position").defer("branches")[:MOST])


def _ask_for_each(left: deque[EstimatedRepository], until: float, platform: AzureDevOps) -> None:
    """Those that are done leave the queue, so that a second token goes on where the first ended."""
    while left and time.monotonic() < until and _is_counting(left[0].estimate_id):
        try:
            pushed_at = platform.code.last_push(left[0])
        except NotVisible:
            pushed_at = None
        row = left.popleft()
        EstimatedRepository.objects.filter(pk=row.pk).update(pushed_at=pushed_at)
        if platform.heard.wait:
            # The answer came with the wish for a pause, and counting goes first.
            return


def _is_counting(estimate_id: uuid.UUID) -> bool:
    """Of what was stopped, or of an import that is wiped, nobody wants to know any more."""
    return Estimate.objects.filter(pk=estimate_id, state=Estimate.State.COUNTING).exists()


def _reorder(estimate_id: uuid.UUID) -> None:
    """Deal out anew the places that are left.

    Row by row, since whoever locks several at once may meet somebody who does so the other way
    round. Until the last one is written the order is a mixture, which does no harm.
    """
    waiting = EstimatedRepository.objects.open().filter(estimate=estimate_id)
    rows = waiting.order_by("-size", "position").only("position", "pushed_at")
    by_size = {row.pk: row for row in rows}
    dated = [(row.pushed_at, pk) for pk, row in by_size.items() if row.pushed_at]
    by_date = [pk for _, pk in sorted(dated, key=lambda each: each[0], reverse=True)]
    places = sorted(row.position for row in by_size.values())
    for place, pk in zip(places, in_turns(by_date, by_size), strict=True):
        if by_size[pk].position != place:
            waiting.filter(pk=pk).update(position=place)
