"""What projects do later.

Counting comes in chains: a link counts one thing and queues the next link at the end of the queue,
so that every organization has its turn.
"""

import uuid
from functools import partial
from typing import Any

import structlog
from celery import Task, shared_task

from bindings.use import use_token
from core import chains
from projects import estimating, listing, ordering, recounting, usage
from projects.leftovers import clear_leftovers
from projects.models import Estimate

logger = structlog.get_logger(__name__)

MOST_AT_ONCE = 500
# Downloading may take ten minutes, and counting six. Below the time after which the broker gives
# the task to somebody else.
LIMITS: dict[str, Any] = {"soft_time_limit": 1500, "time_limit": 1600}


def begin_chains(task: Task, name: str, **ids: str) -> None:
    """So many links as may be at work at once; those of an earlier beginning end."""
    clear_leftovers()
    for number in range(estimating.AT_ONCE):
        link = chains.begin(f"{name}-{number}")
        task.delay(**ids, number=number, link=link)


@shared_task(**LIMITS)
def count_for_estimate(*, estimate_id: str, number: int = 0, link: str = "") -> None:
    """Count one repository of an estimate. Without a link: begin."""
    estimate = Estimate.objects.filter(pk=uuid.UUID(estimate_id)).first()
    if estimate is None or estimate.binding_id is None or not estimate.is_counting:
        return
    name = f"estimate-{estimate_id}"
    ask = partial(use_token, estimate.binding_id)
    if not link:
        begin_chains(count_for_estimate, name, estimate_id=estimate_id)
    elif chains.goes_on(f"{name}-{number}", link) and estimating.count_next(estimate.pk, ask):
        count_for_estimate.delay(estimate_id=estimate_id, number=number, link=link)


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
        count_for_estimate.delay(estimate_id=str(estimate_id))


@shared_task(**LIMITS)
def count_project(*, project_id: str) -> None:
    """Count one project. Running twice is harmless: one worker claims it."""
    if organization_id := recounting.count_project(uuid.UUID(project_id)):
        _read_if_over(organization_id)


@shared_task(**LIMITS)
def count_due(*, organization_id: str, number: int = 0, link: str = "") -> None:
    """Count one project of an organization that is due. Without a link: begin."""
    name = f"projects-{organization_id}"
    if not link:
        recounting.make_missing_sizes()
        begin_chains(count_due, name, organization_id=organization_id)
    elif chains.goes_on(f"{name}-{number}", link):
        _count_one(uuid.UUID(organization_id), number=number, link=link)


def _count_one(organization_id: uuid.UUID, **link: Any) -> None:
    if project_id := recounting.next_due(organization_id):
        recounting.count_project(project_id)
        count_due.delay(organization_id=str(organization_id), **link)
    else:
        usage.take_reading(organization_id)


def _read_if_over(organization_id: uuid.UUID) -> None:
    """A sum is over all projects, and no business of each of them."""
    if recounting.next_due(organization_id) is None:
        usage.take_reading(organization_id)


@shared_task
def sweep_projects() -> None:
    """Send for the projects that are due, one organization after the other."""
    recounting.make_missing_sizes()
    for organization_id in recounting.stalled()[:MOST_AT_ONCE]:
        count_due.delay(organization_id=str(organization_id))


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
