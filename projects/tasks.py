"""What projects do later."""

import uuid
from functools import partial

import structlog
from celery import shared_task

from bindings.use import use_token
from projects import estimating, recounting, usage
from projects.models import Estimate, EstimatedRepository, Project

logger = structlog.get_logger(__name__)

MOST_AT_ONCE = 500


@shared_task
def count_for_estimate(*, estimate_id: str) -> None:
    """Count one repository of an estimate, and come back for the next one, at the end of the
    queue. Running more often than needed is harmless.
    """
    estimate = Estimate.objects.filter(pk=uuid.UUID(estimate_id)).first()
    if estimate is None or estimate.binding_id is None or not estimate.is_counting:
        return
    if estimating.count_next(estimate.pk, partial(use_token, estimate.binding_id)):
        count_for_estimate.delay(estimate_id=estimate_id)


@shared_task
def sweep_estimates() -> None:
    """Find estimates with repositories that nobody counts though somebody could."""
    waiting = EstimatedRepository.objects.claimable().filter(
        estimate__state=Estimate.State.COUNTING, estimate__binding__isnull=False
    )
    estimating.end_those_over()
    for estimate_id in waiting.values_list("estimate", flat=True).distinct()[:MOST_AT_ONCE]:
        for _ in range(estimating.AT_ONCE):
            count_for_estimate.apply_async(kwargs={"estimate_id": str(estimate_id)}, expires=60)


@shared_task
def count_project(*, project_id: str) -> None:
    """Count one project. Running twice is harmless: one worker claims it."""
    recounting.count_project(uuid.UUID(project_id))
    project = Project.objects.filter(pk=project_id).only("organization_id").first()
    if project:
        usage.take_reading(project.organization_id)


@shared_task
def count_requested(*, organization_id: str) -> None:
    """Count one project that somebody waits for, and come back for the next one, at the end of
    the queue. What is left by a worker that died, the sweep finds.
    """
    if project_id := recounting.next_requested(uuid.UUID(organization_id)):
        count_project(project_id=str(project_id))
        count_requested.delay(organization_id=organization_id)


@shared_task
def sweep_projects() -> None:
    """Send for the projects that are due: some of every organization, before more of one."""
    recounting.make_missing_sizes()
    for project_id in recounting.due_in_turn(most=MOST_AT_ONCE):
        count_project.apply_async(kwargs={"project_id": str(project_id)}, expires=60)


@shared_task
def take_readings() -> None:
    """Write down what every organization uses today."""
    usage.take_readings()
