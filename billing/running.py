"""Carrying out what was asked for, at Stripe, once, whoever dies meanwhile.

A kind of operation is performed by one function, which asks step after step. Each step has its
own idempotency key, made of the operation and its name: a second attempt gets the same answers.
"""

import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.utils import timezone

from billing import stripe_api
from billing.errors import (
    AccountBusy,
    KeyReusedWithOtherValues,
    OrganizationDeleted,
    OutcomeUnclear,
    StripeKeyRefused,
    StripeSilent,
)
from billing.failing import tell_of_failure
from billing.models import BillingAccount, Operation
from billing.stripe_api import Answer
from billing.syncing import sync_account
from billing.turns import account_turn, still_ours
from core.errors import DomainError
from core.leases import LeaseLost

logger = structlog.get_logger(__name__)

ATTEMPTS = 10
FIRST_DELAY, LONGEST_DELAY = 2.0, 300.0
# Between attempts at what is tried for longer, and before its time is over for the last one.
LONGEST_PAUSE = 3600.0
LAST_TRY = timedelta(minutes=10)
# So long a queued task may take to be picked up before another one is sent.
PATIENCE = timedelta(seconds=15)
# Of a step, in what was asked: how many errors were its answer.
ERRORS = "errors-"
# What fails in these ways, an operator or we have to look at.
OURS_TO_MEND = (StripeKeyRefused, KeyReusedWithOtherValues)
# All that is done once an organization is deleted.
OF_THE_LEFT = (Operation.Kind.END, Operation.Kind.REFUND)
BROKEN = "Something is wrong on our side. It has been reported."


class Run:
    """One attempt at an operation, by whoever has the account's turn."""

    def __init__(self, operation: Operation, account: BillingAccount) -> None:
        self.operation, self.account = operation, account

    @property
    def is_old(self) -> bool:
        """Whether an earlier attempt's keys may be forgotten by now."""
        return timezone.now() - self.operation.asked_at > stripe_api.KEYS_LAST

    def once(self, step: str, question: Callable[[Any, Any], Any]) -> Answer:
        """Ask for something that must be made only once. Not in a transaction.

        Whoever calls this has looked whether it is there already: keys are forgotten after a day,
        and one that has met with an error is of no use any more, since that is its answer until
        then.
        """
        mark = f"{ERRORS}{step}"
        errors = int(self.operation.asked.get(mark, 0))
        key = f"{self.operation.pk}-{step}" + (f"-{errors}" if errors else "")
        try:
            answer = stripe_api.ask(lambda v1: question(v1, stripe_api.options(key)))
        except StripeSilent as silence:
            if silence.is_kept:
                self.write(asked={**self.operation.asked, mark: errors + 1})
            raise
        self.remember(step, answer["id"])
        return answer

    def made(self, step: str) -> str:
        """The id of what that step made; empty where it has not yet."""
        return str(self.operation.steps.get(step, ""))

    def frozen(self, step: str, values: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What a step asks for, as it was when it first asked. A key that comes again with other
        values is refused, and settings and catalogue may have changed since.
        """
        if step not in self.operation.asked:
            self.write(asked={**self.operation.asked, step: values()})
        known: dict[str, Any] = self.operation.asked[step]
        return known

    def remember(self, step: str, identifier: str) -> None:
        self.write(steps={**self.operation.steps, step: identifier})

    def write(self, **values: Any) -> None:
        """Note it of the operation. Raises LeaseLost where the turn is another's by now, or
        somebody has ended the operation.
        """
        with still_ours(self.account):
            if not Operation.objects.open().filter(pk=self.operation.pk).update(**values):
                raise LeaseLost
        for name, value in values.items():
            setattr(self.operation, name, value)

    def write_account(self, **values: Any) -> None:
        """The same, of the account."""
        with still_ours(self.account):
            BillingAccount.objects.filter(pk=self.account.pk).update(**values)
        for name, value in values.items():
            setattr(self.account, name, value)


Performer = Callable[[Run], None]
_performers: dict[str, Performer] = {}


def performs(kind: Operation.Kind) -> Callable[[Performer], Performer]:
    """A function with this carries out operations of that kind. It may run many times."""

    def register(performer: Performer) -> Performer:
        _performers[kind] = performer
        return performer

    return register


def forgotten_operations() -> list[uuid.UUID]:
    """Never queued, lost by the broker, or their worker died: a task would have come by now."""
    now = timezone.now()
    late = Operation.objects.due().exclude(next_attempt_at__range=(now - PATIENCE, now))
    return list(late.order_by("next_attempt_at").values_list("pk", flat=True)[:500])


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
        _step_back(operation)
    except LeaseLost:
        # What was asked of Stripe is asked again by whoever comes next, under the same keys.
        logger.warning("operation_overtaken", operation=str(operation.pk))
        operation.refresh_from_db()
    return _seconds_until(operation)


def give_up(account: BillingAccount, kind: Operation.Kind, why: DomainError) -> None:
    """Nobody wants it any more. Whoever calls this has the account's turn."""
    with still_ours(account):
        Operation.objects.open().filter(account=account, kind=kind).update(
            state=Operation.State.FAILED,
            ended_at=timezone.now(),
            error_code=why.code,
            error=why.message,
            url="",
        )


def _attempt(run: Run) -> None:
    operation = run.operation
    if operation.attempts >= ATTEMPTS:
        until = operation.tried_until
        if until is None or until <= timezone.now():
            # It took its worker down each time, or nobody came by in time.
            _fail(run, "broken", BROKEN)
            return
        # Should it take its worker down, it is not found again at once.
        run.write(next_attempt_at=_next_try(operation) or until)
    run.write(attempts=operation.attempts + 1)
    try:
        _carry_out(run)
    except LeaseLost:
        raise
    except Exception:
        logger.exception("operation_broke", operation=str(operation.pk))
        is_last = operation.attempts >= ATTEMPTS
        _put_off(run, "broken", BROKEN, None if is_last else _next_try(operation))


def _carry_out(run: Run) -> None:
    try:
        _perform(run)
    except StripeSilent as silence:
        # What was quoted is charged at once.
        why = OutcomeUnclear() if run.operation.quote_id else silence
        _put_off(run, why.code, why.message, _next_try(run.operation))
    except DomainError as refusal:
        _refuse(run, refusal)
    else:
        _sync(run.account)
        _end(run, state=Operation.State.DONE)


def _perform(run: Run) -> None:
    kind = run.operation.kind
    if run.account.left_at and kind not in OF_THE_LEFT:
        raise OrganizationDeleted
    _performers[kind](run)


def _refuse(run: Run, refusal: DomainError) -> None:
    if isinstance(refusal, OURS_TO_MEND):
        logger.error("stripe_misused", operation=str(run.operation.pk), code=refusal.code)
    _fail(run, getattr(refusal, "reason", "") or refusal.code, refusal.message)


def _sync(account: BillingAccount) -> None:
    """What was done is done, also when Stripe can't tell us just now what came of it."""
    try:
        sync_account(account)
    except LeaseLost:
        raise
    except Exception as error:
        if not isinstance(error, DomainError):
            logger.exception("sync_broke", account=str(account.pk))
        BillingAccount.objects.filter(pk=account.pk).update(wanted_at=timezone.now())


def _put_off(run: Run, code: str, message: str, to: datetime | None) -> None:
    if to is None:
        _fail(run, code, message)
    else:
        run.write(error_code=code, error=message, next_attempt_at=to)


def _next_try(operation: Operation) -> datetime | None:
    """Each pause is longer than the one before. None where it has been tried for long enough."""
    over = operation.attempts - ATTEMPTS
    if over < 0:
        return _after(min(FIRST_DELAY * 2**operation.attempts, LONGEST_DELAY))
    last = operation.tried_until and operation.tried_until - LAST_TRY
    if last is None or last <= timezone.now():
        return None
    return min(_after(min(LONGEST_DELAY * 2 ** min(over, 9), LONGEST_PAUSE)), last)


def _step_back(operation: Operation) -> None:
    """For whoever has the turn, who may have put it off meanwhile."""
    as_read = Operation.objects.open().filter(
        pk=operation.pk, next_attempt_at=operation.next_attempt_at
    )
    as_read.update(next_attempt_at=_after(FIRST_DELAY))
    operation.refresh_from_db()


def _after(seconds: float) -> datetime:
    jitter = random.uniform(1, 1.3)  # noqa: S311
    return timezone.now() + timedelta(seconds=seconds * jitter)


def _fail(run: Run, code: str, message: str) -> None:
    """Some steps may have been taken, so the account is looked at, by a sweep if need be."""
    with still_ours(run.account):
        BillingAccount.objects.filter(pk=run.account.pk).update(wanted_at=timezone.now())
        _end(run, state=Operation.State.FAILED, error_code=code[:64], error=message, url="")
        tell_of_failure(run.operation)
    _sync(run.account)


def _end(run: Run, **values: Any) -> None:
    run.write(**{"error_code": "", "error": "", **values, "ended_at": timezone.now()})


def _seconds_until(operation: Operation) -> float | None:
    """None where it is over, and where it is so long that the sweep is to find it."""
    wait = (operation.next_attempt_at - timezone.now()).total_seconds()
    if operation.state != Operation.State.WAITING or wait > 2 * LONGEST_DELAY:
        return None
    return max(0.5, wait)
