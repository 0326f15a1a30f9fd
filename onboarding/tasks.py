"""What the import does later."""

import uuid

import structlog
from celery import shared_task

from onboarding import verifying, wiping
from onboarding.models import Import

logger = structlog.get_logger(__name__)

MOST_AT_ONCE = 500


@shared_task
def verify_import(*, import_id: str) -> None:
    """Verify the token of one import. Running twice is harmless: one worker claims it."""
    delay = verifying.verify_import(uuid.UUID(import_id))
    if delay is not None:
        # A little late, so that the row is due when the task arrives.
        verify_import.apply_async(kwargs={"import_id": import_id}, countdown=delay + 0.5)


@shared_task
def sweep_imports() -> None:
    """Find imports that nobody works on, and wipe the abandoned ones with their tokens."""
    for import_id in Import.objects.forgotten().values_list("pk", flat=True)[:MOST_AT_ONCE]:
        logger.info("import_found_again", import_id=str(import_id))
        verify_import.delay(import_id=str(import_id))
    wiping.wipe_abandoned_imports()


@shared_task
def forget_unused_avatars() -> None:
    """Delete pictures that no organization and no import shows."""
    wiping.forget_unused_avatars()
