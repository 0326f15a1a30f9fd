"""A paused subscription goes on, if it is paid for."""

from typing import Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .changing import collect
from .drafting import Draft, invoice_of
from .invoicing import keep, require_location
from .lines import period_lines, waiting
from .periods import next_boundary
from .standing import change, customer_of, items_of, put_items

Params = dict[str, Any]


def resume_subscription(world: StripeWorld, subscription: Object, params: Params) -> Object:
    """As `POST /v1/subscriptions/{id}/resume` does: a new period from now, once it is paid."""
    if subscription["status"] != "paused":
        raise StripeError(
            f"You cannot resume a subscription that is {subscription['status']}. Only paused "
            "subscriptions can be resumed."
        )
    now = world.now()
    items, invoice = resumed(world, subscription, now)
    require_location(invoice)
    subscription["_resuming"] = True
    change(
        world,
        subscription,
        items=put_items(subscription, items),
        billing_cycle_anchor=now,
        latest_invoice=invoice["id"],
    )
    keep(world, invoice)
    collect(world, subscription, invoice, params.get("payment_behavior", ""))
    return subscription


def resumed(world: StripeWorld, subscription: Object, now: int) -> tuple[list[Object], Object]:
    """The items in their new period, and what that costs."""
    items = items_of(subscription)
    end = next_boundary(now, items[0]["price"]["recurring"], now)
    items = [each | {"current_period_start": now, "current_period_end": end} for each in items]
    customer = customer_of(world, subscription["customer"])
    lines = waiting(world, subscription["id"])
    lines += period_lines(world, subscription["id"], items, now, end)
    draft = Draft(customer, subscription, lines, "subscription_update", now)
    return items, invoice_of(world, draft)
