"""What support does about billing. Each act says why, and is on the record."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing import changes, events, reconciling, stripe_api, tasks
from billing.errors import (
    EndedAlready,
    GraceWithoutEffect,
    NotAskedAgain,
    OfOtherMode,
    OrganizationUnknown,
)
from billing.failing import tell_of_failure
from billing.models import BillingAccount, Operation, StripeEvent
from billing.turns import account_turn
from core.queue import queue_on_commit
from organizations import audit
from organizations.models import Organization

LONGEST_GRACE = timedelta(days=366)
# What nobody but us asks for: a person asks for the others again.
OURS = (
    Operation.Kind.REFUND,
    Operation.Kind.END_TRIAL,
    Operation.Kind.END,
    Operation.Kind.ATTACH,
)


@transaction.atomic
def replay_event(event: StripeEvent, *, by: User, reason: str) -> None:
    """Have an event handled once more, whatever became of it."""
    if event.is_live != stripe_api.is_live():
        raise OfOtherMode
    events.replay_event(event)
    _record(event.account, "billing.event_replayed", by, reason, event=event.pk, type=event.type)
    tasks.handle_soon(event)


@transaction.atomic
def resync(account: BillingAccount, *, by: User, reason: str) -> None:
    """Have our copy of an account made what Stripe says now."""
    if account.customer_id and account.is_live != stripe_api.is_live():
        raise OfOtherMode
    reconciling.want_sync([account.pk])
    _record(account, "billing.resync_asked", by, reason)
    queue_on_commit(tasks.sync_account, account_id=str(account.pk))


@transaction.atomic
def extend_grace(account: BillingAccount, *, until: date, by: User, reason: str) -> None:
    """Let it keep what it had to the end of a day, in UTC. Another day may be named later."""
    ends = datetime.combine(until, time.min, UTC) + timedelta(days=1)
    if not timezone.now() < ends < timezone.now() + LONGEST_GRACE:
        raise GraceWithoutEffect("Name a day from today on, within a year.", field="until")
    if not account.subscriptions.exists():
        raise GraceWithoutEffect
    locked = BillingAccount.objects.select_for_update().get(pk=account.pk)
    before = locked.grace_until
    locked.grace_until = ends
    locked.save(update_fields=["grace_until"])
    said = {"until": ends.isoformat(), "before": before.isoformat() if before else None}
    _record(account, "billing.grace_extended", by, reason, **said)


def attach(*, key: str, subscription_id: str, by: User, reason: str) -> Operation:
    """Give an organization the Enterprise subscription that was made for it at Stripe."""
    organization = Organization.objects.filter(key=key, closed_at=None).first()
    if organization is None:
        raise OrganizationUnknown
    return changes.attach_subscription(organization, subscription_id, by=by, reason=reason)


@transaction.atomic
def retry(operation: Operation, *, by: User, reason: str) -> Operation:
    """Have one that waits tried at once, as often as a new one; and one of ours that failed asked
    for once more, since Stripe gives the same answers to the same operation.
    """
    locked = _locked(operation)
    if is_ours_and_failed(locked):
        return changes.ask_again(locked, by=by, reason=reason)
    if not locked.is_open:
        raise NotAskedAgain
    locked.attempts, locked.next_attempt_at = 0, timezone.now()
    locked.save(update_fields=["attempts", "next_attempt_at"])
    said = {"operation": str(locked.pk), "kind": locked.kind}
    _record(locked.account, "billing.operation_retried", by, reason, **said)
    queue_on_commit(tasks.run_operation, operation_id=str(locked.pk))
    return locked


def fail(operation: Operation, *, by: User, reason: str) -> None:
    """Give up one that waits, so that something else can be asked for, or a refund that failed, so
    that it is not asked for again. What it has done at Stripe stays, and our copy is made of it.
    Raises AccountBusy while a worker is at it.
    """
    with account_turn(operation.account_id) as account, transaction.atomic():
        locked = _locked(operation)
        if not may_be_given_up(locked):
            raise EndedAlready
        said = {"operation": str(locked.pk), "kind": locked.kind}
        if locked.error_code:
            said["error"] = locked.error_code
        locked.state, locked.ended_at = Operation.State.FAILED, locked.ended_at or timezone.now()
        locked.error_code, locked.error = Operation.GIVEN_UP, "Support gave this up."
        locked.url = ""
        locked.save(update_fields=["state", "ended_at", "error_code", "error", "url"])
        tell_of_failure(locked)
        reconciling.want_sync([account.pk])
        _record(account, "billing.operation_failed", by, reason, **said)


def may_be_given_up(operation: Operation) -> bool:
    is_asked_again = operation.has_failed and operation.kind == Operation.Kind.REFUND
    return operation.is_open or is_asked_again and operation.error_code != Operation.GIVEN_UP


def is_ours_and_failed(operation: Operation) -> bool:
    return operation.has_failed and operation.kind in OURS


def _locked(operation: Operation) -> Operation:
    return Operation.objects.select_for_update().get(pk=operation.pk)


def _record(
    account: BillingAccount | None, action: str, by: User, reason: str, **said: Any
) -> None:
    organization = account.organization if account else None
    named = {"account": str(account.pk)} if account else {}
    audit.record(organization, action, by=by, reason=reason, **named, **said)
