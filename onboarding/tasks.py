"""What the import does later."""

import uuid
from functools import partial

import structlog
from celery import shared_task
from django.dispatch import receiver

from billing.signals import account_synced
from core import chains
from core.queue import queue_on_commit
from onboarding import counting, settling, stranded, verifying, wiping
from onboarding.models import Import
from projects.tasks import (
    LIMITS,
    begin_chains,
    count_for_estimate,
    estimate_chain,
    go_on,
    order_for_estimate,
)

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
        begin_import.delay(import_id=import_id)
        order_for_import.delay(import_id=import_id)
        # One that is paid already only waited for a token.
        settle_import.delay(import_id=import_id)


@shared_task
def settle_import(*, import_id: str) -> None:
    """Create the organization of an import that is paid, or let go what nobody pays for."""
    settling.settle(uuid.UUID(import_id))


@receiver(account_synced)
def settle_what_was_synced(account_id: uuid.UUID, **_: object) -> None:
    """Somebody may have paid, or be able to pay no more."""
    held = Import.objects.filter(is_reserved=True, billing=account_id)
    for import_id in held.values_list("pk", flat=True):
        queue_on_commit(settle_import, import_id=str(import_id))


@shared_task
def begin_import(*, import_id: str) -> None:
    """Send for the repositories of an import. Running twice is harmless."""
    import_ = counting.import_to_count(uuid.UUID(import_id))
    if import_:
        _begin(import_id, import_.estimate_id)


def _begin(import_id: object, estimate_id: object, *, anew: bool = False) -> None:
    name = estimate_chain(estimate_id)
    begin_chains(count_for_import, name, anew=anew, import_id=str(import_id))


@shared_task(**LIMITS)
def count_for_import(*, import_id: str, number: int, link: str) -> None:
    """Count one repository with the token of an import, and queue the next link of the chain."""
    import_ = counting.import_to_count(uuid.UUID(import_id))
    if import_ is None or import_.estimate is None:
        return
    if import_.estimate.binding_id:
        # The organization is here: the same chain goes on with its token.
        kwargs = {"estimate_id": str(import_.estimate_id), "number": number, "link": link}
        count_for_estimate.apply_async(kwargs=kwargs, expires=chains.LIFE)
        return
    name, work = estimate_chain(import_.estimate_id), partial(counting.count_next, import_)
    go_on(count_for_import, name, work, number=number, link=link, import_id=import_id)


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
    for import_id, estimate_id in counting.forgotten()[:MOST_AT_ONCE]:
        _begin(import_id, estimate_id, anew=True)
    for import_id in settling.to_settle()[:MOST_AT_ONCE]:
        settle_import.delay(import_id=str(import_id))
    wiping.wipe_abandoned_imports()


@shared_task
def watch_paid_imports() -> None:
    """Remind who paid for what waits for a token, and give back what waited for too long."""
    for import_id in stranded.overdue().values_list("pk", flat=True)[:MOST_AT_ONCE]:
        stranded.look_after(import_id)


@shared_task
def forget_unused_avatars() -> None:
    """Delete pictures that no organization and no import shows."""
    wiping.forget_unused_avatars()
