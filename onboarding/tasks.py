"""What the import does later."""

import uuid

import structlog
from celery import shared_task

from core import chains
from onboarding import counting, verifying, wiping
from onboarding.models import Import
from projects.tasks import LIMITS, begin_chains, count_for_estimate, order_for_estimate

logger = structlog.get_logger(__name__)

MOST_AT_ONCE = 500


@shared_task
def verify_import(*, import_id: str) -> None:
    """Verify the token of one import. Running twice is harmless: one worker claims it."""
    delay = verifying.verify_import(uuid.UUID(import_id))
    if delay is not None:
        # A little late, so that the row is due when the task arrives.
        verify_import.apply_async(kwargs={"import_id": import_id}, countdown=delay + 0.5)
    else:
        count_for_import.delay(import_id=import_id)
        order_for_import.delay(import_id=import_id)


@shared_task(**LIMITS)
def count_for_import(*, import_id: str, number: int = 0, link: str = "") -> None:
    """Count one repository with the token of an import, and queue the next link of the chain.
    Without a link: begin.
    """
    import_ = counting.import_to_count(uuid.UUID(import_id))
    if import_ is None or import_.estimate is None:
        return
    name = f"import-{import_id}"
    if import_.estimate.binding_id:
        count_for_estimate.delay(estimate_id=str(import_.estimate_id))
    elif not link:
        begin_chains(count_for_import, name, import_id=import_id)
    elif chains.goes_on(f"{name}-{number}", link) and counting.count_next(import_):
        count_for_import.delay(import_id=import_id, number=number, link=link)


@shared_task
def order_for_import(*, import_id: str) -> None:
    """Ask which repositories of an import are new, with its token. Running twice, or never, is
    harmless.
    """
    import_ = counting.import_to_count(uuid.UUID(import_id))
    if import_ is None or import_.estimate is None:
        return
    if import_.estimate.binding_id:
        order_for_estimate.delay(estimate_id=str(import_.estimate_id))
    else:
        counting.order_by_push(import_)


@shared_task
def sweep_imports() -> None:
    """Find imports that nobody works on, and wipe the abandoned ones with their tokens."""
    for import_id in Import.objects.forgotten().values_list("pk", flat=True)[:MOST_AT_ONCE]:
        logger.info("import_found_again", import_id=str(import_id))
        verify_import.delay(import_id=str(import_id))
    for import_id in counting.forgotten()[:MOST_AT_ONCE]:
        count_for_import.delay(import_id=str(import_id))
    wiping.wipe_abandoned_imports()


@shared_task
def forget_unused_avatars() -> None:
    """Delete pictures that no organization and no import shows."""
    wiping.forget_unused_avatars()
