"""What projects do later.

Counting comes in chains: a link counts one thing and queues the next link at the end of the queue,
so that every organization has its turn.
"""

import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from celery import Task, shared_task

from bindings.use import use_token
from core import chains
from projects import estimating, leftovers, listing, ordering, recounting, usage
from projects.models import Estimate
from projects.turns import AT_ONCE

# What a link does; in how many seconds the next one may go on, or None.
Work = Callable[[], float | None]

logger = structlog.get_logger(__name__)

MOST_AT_ONCE = 500
# Downloading may take ten minutes, and counting six. Below the time after which the broker gives
# the task to somebody else.
LIMITS: dict[str, Any] = {"soft_time_limit": 1500, "time_limit": 1600}
# In seconds: the broker gives to somebody else what waits for much longer.
LONGEST_PAUSE = 600.0


def begin_chains(task: Task, name: str, *, anew: bool = False, **ids: str) -> None:
    """So many links as may be at work at once, less those that live. `anew`: none does."""
    for number in range(AT_ONCE):
        if link := chains.begin(f"{name}-{number}", anew=anew):
            kwargs = {**ids, "number": number, "link": link}
            task.apply_async(kwargs=kwargs, expires=chains.LIFE)


def go_on(task: Task, name: str, work: Work, *, number: int, link: str, **ids: str) -> bool:
    """Do the work of one link, and queue the next one for when that says. Whether there is none."""
    chain = f"{name}-{number}"
    if not chains.goes_on(chain, link):
        return False
    try:
        seconds = work()
    except BaseException:
        chains.end(chain, link)
        raise
    if seconds is None:
        chains.end(chain, link)
        return True
    kwargs = {**ids, "number": number, "link": link}
    seconds = min(seconds, LONGEST_PAUSE)
    task.apply_async(kwargs=kwargs, expires=chains.LIFE, countdown=seconds)
    return False


@shared_task
def begin_estimate(*, estimate_id: str) -> None:
    """Send for an estimate that is not counted yet. Running twice is harmless."""
    begin_chains(count_for_estimate, estimate_chain(estimate_id), estimate_id=estimate_id)


def estimate_chain(estimate_id: object) -> str:
    """With whichever token it is counted."""
    return f"estimate-{estimate_id}"


@shared_task(**LIMITS)
def count_for_estimate(*, estimate_id: str, number: int, link: str) -> None:
    """Count one repository of an estimate, and queue the next link of the chain."""
    estimate = Estimate.objects.filter(pk=uuid.UUID(estimate_id)).first()
    if estimate is None or estimate.binding_id is None or not estimate.is_counting:
        return
    ask = partial(use_token, estimate.binding_id)

    def work() -> float | None:
        estimating.count_next(estimate.pk, ask)
        return estimating.next_in(estimate.pk)

    name = estimate_chain(estimate_id)
    go_on(count_for_estimate, name, work, number=number, link=link, estimate_id=estimate_id)


@shared_task
def order_for_estimate(*, estimate_id: str) -> None:
    """Ask which repositories of an estimate are new. It waits for answers and takes no processor,
    so it is no work for those who count. Running twice, or never, is harmless.
    """
    estimate = Estimate.objects.filter(pk=uuid.UUID(estimate_id)).first()
    if estimate and estimate.binding_id:
        ordering.order_by_push(estimate.pk, partial(use_token, estimate.binding_id))


@shared_task
def sweep_estimates() -> None:
    """Find estimates with repositories that nobody counts though somebody could."""
    estimating.end_those_over()
    forgotten = estimating.stalled().filter(binding__isnull=False)
    for estimate_id in forgotten.values_list("pk", flat=True)[:MOST_AT_ONCE]:
        name, ids = estimate_chain(estimate_id), {"estimate_id": str(estimate_id)}
        begin_chains(count_for_estimate, name, anew=True, **ids)


@shared_task
def begin_projects(*, organization_id: str) -> None:
    """Send for the projects of an organization that are due. Running twice is harmless."""
    recounting.make_missing_sizes()
    _begin_projects(organization_id)


def _begin_projects(organization_id: str, *, anew: bool = False) -> None:
    name = f"projects-{organization_id}"
    begin_chains(count_due, name, anew=anew, organization_id=organization_id)


@shared_task(**LIMITS)
def count_due(*, organization_id: str, number: int, link: str) -> None:
    """Count one project of an organization that is due, and queue the next link of the chain."""
    of = uuid.UUID(organization_id)

    def work() -> float | None:
        recounting.count_next(of)
        seconds = recounting.next_in(of)
        if seconds != 0.0:
            # A sum is over all projects, and no business of each of them.
            usage.take_reading(of)
        return seconds

    name, ids = f"projects-{organization_id}", {"organization_id": organization_id}
    is_over = go_on(count_due, name, work, number=number, link=link, **ids)
    if is_over and recounting.next_due(of):
        # Asked for while the chain was about to end.
        _begin_projects(organization_id)


@shared_task
def sweep_projects() -> None:
    """Send for the projects that are due, one organization after the other."""
    recounting.make_missing_sizes()
    for organization_id in recounting.stalled()[:MOST_AT_ONCE]:
        _begin_projects(str(organization_id), anew=True)


@shared_task
def clear_leftovers() -> None:
    """Remove what a worker that was killed while it counted has left behind."""
    leftovers.clear_leftovers()


@shared_task
def take_readings() -> None:
    """Write down what every organization uses today."""
    logger.info("readings_taken", organizations=usage.take_readings())


@shared_task
def list_repositories(*, binding_id: str) -> None:
    """Ask for the repositories of one organization. Running twice is harmless."""
    listing.list_repositories(uuid.UUID(binding_id))


@shared_task
def sweep_listings() -> None:
    """Find organizations whose list of repositories is old."""
    for binding_id in listing.due().values_list("pk", flat=True)[:MOST_AT_ONCE]:
        list_repositories.apply_async(kwargs={"binding_id": str(binding_id)}, expires=600)
