"""What billing does later."""

import uuid
from contextlib import suppress

import structlog
from celery import shared_task
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.dispatch import receiver

from accounts.models import User

# Those in __all__ are named because importing them makes their operations known.
from billing import (
    addresses,
    attaching,
    changing,
    detailing,
    dunning,
    events,
    leaving,
    letters,
    limits,
    purchasing,
    reconciling,
    refunding,
    running,
    trials,
    usage,
    waiting,
)
from billing.errors import AccountBusy, StripeKeyRefused, StripeSilent
from billing.models import BillingAccount, StripeEvent
from billing.signals import account_synced
from core.queue import queue_on_commit
from organizations.models import Organization

logger = structlog.get_logger(__name__)

__all__ = ["attaching", "changing", "detailing", "purchasing"]

# Longer waits are the sweep's: it finds what is due.
SOON = 30.0
# For as long as a queued task may be believed in.
QUEUED = 60


def handle_soon(event: StripeEvent) -> None:
    """Queue an event, unless one of the same customer is queued: that does this one along with
    it. So a flood about one customer queues one task.
    """

    def queue() -> None:
        mark = event.customer_id or event.pk
        if cache.add(_queued(mark), 1, timeout=QUEUED):
            handle_event.delay(event_id=event.pk, mark=mark)

    transaction.on_commit(queue, robust=True)


@shared_task
def handle_event(*, event_id: str, mark: str = "") -> None:
    """Handle one event, and what waits beside it. Running twice is harmless."""
    # First, so that whatever comes from now on is queued again.
    cache.delete(_queued(mark or event_id))
    delay = events.handle_event(event_id)
    if delay is not None and delay <= SOON:
        cache.set(_queued(mark or event_id), 1, timeout=QUEUED)
        kwargs = {"event_id": event_id, "mark": mark}
        handle_event.apply_async(kwargs=kwargs, countdown=delay)


def _queued(mark: str) -> str:
    return f"stripe-queued-{mark}"


@shared_task
def sweep_events() -> None:
    """Find events and accounts that nobody works on though somebody should."""
    for event_id in events.forgotten_events():
        handle_event.delay(event_id=event_id)
    for account_id in reconciling.wanted_accounts():
        sync_account.delay(account_id=str(account_id))


@shared_task
def sync_account(*, account_id: str) -> None:
    """Make our copy of one account new. Running twice is harmless."""
    delay = reconciling.sync_wanted(uuid.UUID(account_id))
    if delay is not None:
        sync_account.apply_async(kwargs={"account_id": account_id}, countdown=delay)


@shared_task
def reconcile_events() -> None:
    """Find events that were never delivered."""
    if settings.BILLING:
        for event in reconciling.find_missed_events():
            handle_soon(event)


@shared_task
def reconcile_subscriptions() -> None:
    """Find subscriptions that are not what we think."""
    if settings.BILLING:
        reconciling.find_differences()


@shared_task
def run_operation(*, operation_id: str) -> None:
    """Carry out one operation. Running twice is harmless: one worker has the account's turn."""
    delay = running.run_operation(uuid.UUID(operation_id))
    if delay is not None:
        # A little late, so that the row is due when the task arrives.
        run_operation.apply_async(kwargs={"operation_id": operation_id}, countdown=delay + 0.5)


@receiver(account_synced)
def end_second_trial(account_id: uuid.UUID, **_: object) -> None:
    """A card has one trial. Asked again after every sync, so that nothing is forgotten."""
    if operation := trials.ask_to_end(account_id):
        queue_on_commit(run_operation, operation_id=str(operation.pk))


@shared_task
def sweep_operations() -> None:
    """Find operations that nobody works on, ask again for what nobody but us asks for, and forget
    addresses that nobody needs.
    """
    for operation_id in refunding.ask_again_for_failed():
        logger.warning("refund_asked_again", operation_id=str(operation_id))
        run_operation.delay(operation_id=str(operation_id))
    for account_id in trials.accounts_on_second_trials():
        end_second_trial(account_id)
    for operation_id in running.forgotten_operations():
        logger.info("operation_found_again", operation_id=str(operation_id))
        run_operation.delay(operation_id=str(operation_id))
    addresses.forget_all_addresses()


@receiver(account_synced)
def tell_of_payments(account_id: uuid.UUID, **_: object) -> None:
    """Each step is told once, however often it is asked."""
    account = BillingAccount.objects.select_related("organization").filter(pk=account_id).first()
    if account:
        dunning.tell(account)


@shared_task
def tell_all() -> None:
    """Some steps come with time alone: the last days of access and of a trial."""
    if settings.BILLING:
        for account in dunning.accounts_to_tell():
            try:
                dunning.tell(account)
            except Exception:
                # The others hear of theirs all the same, and this one is tried again.
                logger.exception("account_not_told", account=str(account.pk))


@shared_task
def send_letters() -> None:
    """Mail what is for billing e-mails. Running twice, or at once, mails nothing twice."""
    letters.send_due_letters()


@shared_task
def close_left(*, account_id: str) -> None:
    """End the checkout of a deleted organization. Running twice is harmless."""
    # What could not be asked now, the next sweep asks.
    with suppress(AccountBusy, StripeSilent, StripeKeyRefused):
        leaving.close(uuid.UUID(account_id))


@shared_task
def sweep_left() -> None:
    """End what deleted organizations still have, and what could still be bought for them."""
    for account_id in leaving.left_with_checkouts():
        close_left.delay(account_id=str(account_id))
    for account in leaving.left_accounts():
        # Of one that is busy, the next sweep.
        with suppress(AccountBusy):
            if operation := leaving.ask_to_end(account):
                queue_on_commit(run_operation, operation_id=str(operation.pk))
    sweep_waiting()


@shared_task
def sweep_waiting() -> None:
    """Cancel what organizations pay for that wait to be deleted, and resume it for those that were
    brought back.
    """
    for account, kind in waiting.accounts_to_settle():
        with suppress(AccountBusy):
            if operation := waiting.settle(account, kind):
                queue_on_commit(run_operation, operation_id=str(operation.pk))


def settle_soon(organization: Organization, *, by: User) -> None:
    """Its deletion was asked for, or undone. Named by `ORGANIZATION_STEPS`."""
    queue_on_commit(sweep_left)


@shared_task
def forget_counted_analyses() -> None:
    """What a count took the place of long ago counts no more."""
    usage.forget_counted_analyses()


@shared_task
def watch_limits() -> None:
    """Tell owners how near their limit is. Each step is told once, however often it is asked."""
    if settings.BILLING:
        limits.tell_all()
