"""Stripe's clock: what is due, in the order in which it falls due, each at its own time."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from sandbox.stripe.world import Object, StripeWorld

from . import cycling
from .ending import cancel
from .invoicing import void
from .periods import HOUR
from .scheduling import end_phase
from .standing import ENDED, drop_pending, expire, period_of

# Of what falls due in the same second, the lower number goes first.
_EXPIRY, _SCHEDULE, _END, _NOTICE, _PERIOD, _INVOICE, _OTHER = range(7)
# More than ever falls due in one second, unless something is wrong.
_AT_ONE_TIME = 100_000
# What still waits for an invoice is collected when an end that was announced comes.
_LAST_BILL = {"invoice_now": True}
Due = tuple[int, int, Callable[[], object]]
Others = Callable[[StripeWorld], Iterator[tuple[int, Callable[[], object]]]]
_others: list[Others] = []


def also_due(find: Others) -> Others:
    """Register who knows of more that falls due: moments, and what to do then."""
    _others.append(find)
    return find


def advance(world: StripeWorld, to: int) -> None:
    """Move the clock ahead, through everything that falls due until then. It never goes back."""
    with world.lock:
        to = max(to, world.now())
        _work_through(world, to)
        world.ahead = to - int(time.time())
        if world.pinned is not None:
            world.pinned = to


def catch_up(world: StripeWorld) -> None:
    """Do what fell due since anybody looked, as real time goes by too."""
    with world.lock:
        _work_through(world, world.now())


def _work_through(world: StripeWorld, to: int) -> None:
    steps, before = 0, world.pinned
    try:
        while (due := next_due(world)) and due[0] <= to:
            steps = steps + 1 if due[0] <= (world.pinned or 0) else 0
            if steps > _AT_ONE_TIME:
                raise RuntimeError("What is due is due again at once: the clock stands still.")
            world.pinned = max(due[0], world.pinned or 0)
            due[2]()
    finally:
        world.pinned = before


def next_due(world: StripeWorld) -> Due | None:
    found = [
        *_of_subscriptions(world),
        *_of_schedules(world),
        *_of_invoices(world),
        *_of_others(world),
    ]
    # In Python the first of equals wins, so what was made first goes first.
    return min(found, key=lambda due: due[:2], default=None)


def after_next_renewal(world: StripeWorld) -> int:
    """When the next period that ends has ended and its invoice has been charged."""
    ends = [
        period_of(each)[1]
        for each in world.all("subscription")
        if each["status"] in ("active", "trialing", "past_due")
    ]
    return min(ends, default=world.now()) + HOUR + 1


def _of_subscriptions(world: StripeWorld) -> Iterator[Due]:
    for subscription in world.all("subscription"):
        if subscription["status"] in ENDED:
            continue
        if subscription["status"] == "incomplete":
            at = subscription["created"] + 23 * HOUR
            yield at, _EXPIRY, partial(_expire_first, world, subscription)
            continue
        if update := subscription["pending_update"]:
            yield update["expires_at"], _EXPIRY, partial(_expire_update, world, subscription)
        if subscription["cancel_at"]:
            end = partial(cancel, world, subscription, _LAST_BILL, "cancellation_requested")
            yield subscription["cancel_at"], _END, end
        yield from _of_period(world, subscription)


def _of_period(world: StripeWorld, subscription: Object) -> Iterator[Due]:
    start, end = period_of(subscription)
    status = subscription["status"]
    if status == "paused":
        return
    yield end, _PERIOD, partial(cycling.end_period, world, subscription)
    trial_end = subscription["trial_end"]
    if status == "trialing" and subscription.get("_told_trial") != trial_end:
        at = max(trial_end - cycling.TRIAL_NOTICE, start)
        yield at, _NOTICE, partial(cycling.tell_trial_ends, world, subscription)
    told = subscription.get("_told_upcoming") == end
    if status == "active" and not told and not subscription["cancel_at_period_end"]:
        at = max(end - cycling.UPCOMING_NOTICE, start)
        yield at, _NOTICE, partial(cycling.tell_upcoming, world, subscription)


def _of_schedules(world: StripeWorld) -> Iterator[Due]:
    for schedule in world.all("subscription_schedule", status="active"):
        end = schedule["current_phase"]["end_date"]
        yield end, _SCHEDULE, partial(end_phase, world, schedule)


def _of_invoices(world: StripeWorld) -> Iterator[Due]:
    for invoice in world.all("invoice"):
        at = invoice["automatically_finalizes_at"]
        if invoice["status"] == "draft" and invoice["auto_advance"] and at:
            if not invoice["last_finalization_error"]:
                yield at, _INVOICE, partial(cycling.finalize_draft, world, invoice)
        elif invoice["status"] == "open":
            yield from _of_open(world, invoice)


def _of_open(world: StripeWorld, invoice: Object) -> Iterator[Due]:
    # Somebody may have said that it is to be charged no more by itself.
    if invoice["auto_advance"] and (at := invoice["next_payment_attempt"]):
        yield at, _INVOICE, partial(cycling.charge_again, world, invoice)
    if invoice["due_date"] and not invoice.get("_overdue"):
        yield invoice["due_date"], _OTHER, partial(cycling.miss_due_date, world, invoice)


def _of_others(world: StripeWorld) -> Iterator[Due]:
    for find in _others:
        for at, do in find(world):
            yield at, _OTHER, do


def _expire_first(world: StripeWorld, subscription: Object) -> None:
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice["status"] in ("open", "uncollectible"):
        void(world, invoice)
    if subscription["status"] == "incomplete":
        expire(world, subscription)


def _expire_update(world: StripeWorld, subscription: Object) -> None:
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice["status"] in ("open", "uncollectible"):
        void(world, invoice)
    else:
        drop_pending(world, subscription)
