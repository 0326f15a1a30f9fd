"""The end of a subscription, asked for or not."""

from typing import Any

from sandbox.stripe.world import Object, StripeWorld

from .drafting import Draft, invoice_of
from .invoicing import attempt, finalize, keep, void
from .lines import Line, keep_waiting, unused_time
from .planning import basis
from .standing import drop_pending, items_of, period_of

Params = dict[str, Any]


def cancel(world: StripeWorld, subscription: Object, params: Params, reason: str) -> None:
    """Now. Its open invoices are charged no more, but can be paid."""
    now = world.now()
    if subscription["pending_update"]:
        _drop_update(world, subscription)
    settle_up(world, subscription, params)
    was_incomplete = subscription["status"] == "incomplete"
    details = {**(params.get("cancellation_details") or {}), "reason": reason}
    subscription.update(
        status="incomplete_expired" if was_incomplete else "canceled",
        canceled_at=subscription["canceled_at"] or now,
        ended_at=now,
        cancellation_details=subscription["cancellation_details"] | details,
    )
    _leave_schedule(world, subscription)
    world.emit("customer.subscription.deleted", subscription)
    _stop_charging(world, subscription, was_incomplete)


def end_lines(
    world: StripeWorld, subscription: Object, params: Params, date: int | None = None
) -> list[Line]:
    """What is credited for the rest of the period."""
    start, end = period_of(subscription)
    at = min(max(date or world.now(), start), end)
    if not params.get("prorate") or subscription["status"] == "trialing":
        return []
    return [unused_time(world, subscription["id"], item, at) for item in items_of(subscription)]


def end_draft(world: StripeWorld, subscription: Object, lines: list[Line], at: int) -> Object:
    customer, before = basis(world, subscription)
    draft = Draft(customer, subscription, before + lines, "subscription_update", at)
    return invoice_of(world, draft)


def settle_up(world: StripeWorld, subscription: Object, params: Params) -> None:
    lines = end_lines(world, subscription, params)
    if not params.get("invoice_now"):
        customer = world.get("customer", subscription["customer"])
        for line in lines:
            keep_waiting(world, customer, line)
        return
    invoice = end_draft(world, subscription, lines, world.now())
    if not invoice["lines"]["data"]:
        return
    subscription["latest_invoice"] = invoice["id"]
    keep(world, invoice)
    finalize(world, invoice)
    if invoice["status"] == "open" and invoice["collection_method"] == "charge_automatically":
        attempt(world, invoice, present=False)


def _drop_update(world: StripeWorld, subscription: Object) -> None:
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice["status"] in ("open", "uncollectible"):
        void(world, invoice)
    else:
        drop_pending(world, subscription)


def _leave_schedule(world: StripeWorld, subscription: Object) -> None:
    schedule = world.find("subscription_schedule", subscription["schedule"])
    if schedule is None:
        return
    subscription["schedule"] = None
    if schedule["status"] == "active":
        schedule.update(status="canceled", canceled_at=world.now(), current_phase=None)
        world.emit("subscription_schedule.canceled", schedule)


def _stop_charging(world: StripeWorld, subscription: Object, was_incomplete: bool) -> None:
    for invoice in world.all("invoice", customer=subscription["customer"], status="open"):
        details = invoice["parent"]["subscription_details"]
        if details["subscription"] != subscription["id"]:
            continue
        invoice.update(auto_advance=False, next_payment_attempt=None)
        if was_incomplete:
            void(world, invoice)
    for invoice in world.all("invoice", customer=subscription["customer"], status="draft"):
        if invoice["parent"]["subscription_details"]["subscription"] == subscription["id"]:
            invoice.update(auto_advance=False)
