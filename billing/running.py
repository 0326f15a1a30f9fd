"""Carrying out what was asked for, at Stripe, once, whoever dies meanwhile.

A kind of operation is performed by one function, which asks step after step. Each step has its
own idempotency key, made of the operation and its name: a second attempt gets the same answers.
"""

import random
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from django.utils import timezone

from billing import stripe_api
from billing.errors import AccountBusy, StripeKeyRefused, StripeRefused, StripeSilent
from billing.models import BillingAccount, Operation
from billing.stripe_api import Answer
from billing.syncing import sync_account
from billing.turns import account_turn

logger = structlog.get_logger(__name__)

ATTEMPTS = 10
FIRST_DELAY, LONGEST_DELAY = 2.0, 300.0
# Stripe forgets idempotency keys after a day. Past this, look first at what is there.
KEYS_LAST = timedelta(hours=23)


class Run:
    """One attempt at an operation, by whoever has the account's turn."""

    def __init__(self, operation: Operation, account: BillingAccount) -> None:
        self.operation, self.account = operation, account

    @property
    def is_old(self) -> bool:
        """Whether an earlier attempt's keys may be forgotten by now."""
        return timezone.now() - self.operation.asked_at > KEYS_LAST

    def once(self, step: str, question: Callable[[Any, Any], Any]) -> Answer:
        """Ask for something that must be made only once. Not in a transaction."""
        key = f"{self.operation.pk}-{step}"
        answer = stripe_api.ask(lambda v1: question(v1, stripe_api.options(key)))
        self.remember(step, answer["id"])
        return answer

    def made(self, step: str) -> str:
        """The id of what that step made; empty where it has not yet."""
        return str(self.operation.steps.get(step, ""))

    def remember(self, step: str, identifier: str) -> None:
        self.operation.steps = {**self.operation.steps, step: identifier}
        self.operation.save(update_fields=["steps"])


Performer = Callable[[Run], None]
_performers: dict[str, Performer] = {}


def performs(kind: Operation.Kind) -> Callable[[Performer], Performer]:
    """A function with this carries out operations of that kind. It may run many times."""

    def register(performer: Performer) -> Performer:
        _performers[kind] = performer
        return performer

    return register


def run_operation(operation_id: uuid.UUID) -> float | None:
    """Carry out an operation that waits. Returns in how many seconds to try again, if at all."""
    operation = Operation.objects.due().filter(pk=operation_id).first()
    if operation is None:
        return None
    try:
        with account_turn(operation.account_id) as account:
            operation.refresh_from_db()
            if operation.state == Operation.State.WAITING:
                _attempt(Run(operation, account))
    except AccountBusy:
        return 2.0
    return _seconds_until(operation)


def _attempt(run: Run) -> None:
    operation = run.operation
    operation.attempts += 1
    operation.save(update_fields=["attempts"])
    try:
        _performers[operation.kind](run)
        sync_account(run.account)
    except StripeSilent as silence:
        _put_off(operation, silence.code, silence.message)
    except StripeKeyRefused as refusal:
        logger.error("stripe_key_refused", operation=str(operation.pk))
        _fail(operation, refusal.code, refusal.message)
    except StripeRefused as refusal:
        sync_account(run.account)
        _fail(operation, refusal.reason or refusal.code, refusal.message)
    except Exception:
        logger.exception("operation_broke", operation=str(operation.pk))
        _put_off(operation, "broken", "Something is wrong on our side. It has been reported.")
    else:
        _end(operation, state=Operation.State.DONE)


def _put_off(operation: Operation, code: str, message: str) -> None:
    if operation.attempts >= ATTEMPTS:
        _fail(operation, code, message)
        return
    delay = min(FIRST_DELAY * 2**operation.attempts, LONGEST_DELAY)
    operation.next_attempt_at = timezone.now() + timedelta(
        seconds=delay * random.uniform(1, 1.3)  # noqa: S311
    )
    operation.error_code, operation.error = code, message
    operation.save(update_fields=["next_attempt_at", "error_code", "error"])


def _fail(operation: Operation, code: str, message: str) -> None:
    _end(operation, state=Operation.State.FAILED, error_code=code[:64], error=message)


def _end(operation: Operation, **values: Any) -> None:
    ended = {"error_code": "", "error": "", **values, "ended_at": timezone.now()}
    for name, value in ended.items():
        setattr(operation, name, value)
    operation.save(update_fields=list(ended))


def _seconds_until(operation: Operation) -> float | None:
    if operation.state != Operation.State.WAITING:
        return None
    return max(0.5, (operation.next_attempt_at - timezone.now()).total_seconds())
