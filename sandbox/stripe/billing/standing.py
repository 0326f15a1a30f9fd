"""How a subscription stands after its invoice was paid, was not, or was given up."""

from typing import Any

from sandbox.stripe.errors import Missing
from sandbox.stripe.world import Object, StripeWorld

# From which a subscription never comes back.
ENDED = ("canceled", "incomplete_expired")
# Until its latest invoice is paid.
_WAITING = ("incomplete", "past_due", "unpaid")


def items_of(subscription: Object) -> list[Object]:
    rows: list[Object] = subscription["items"]["data"]
    return rows


def period_of(subscription: Object) -> tuple[int, int]:
    first = items_of(subscription)[0]
    return first["current_period_start"], first["current_period_end"]


def subscription_of(world: StripeWorld, invoice: Object) -> Object | None:
    details = (invoice["parent"] or {}).get("subscription_details") or {}
    return world.find("subscription", details.get("subscription"))


def customer_of(world: StripeWorld, identifier: str, param: str = "customer") -> Object:
    customer = world.find("customer", identifier)
    if customer is None or customer.get("deleted"):
        missing = Missing("customer", identifier)
        missing.error["param"] = param
        missing.status = 400
        raise missing
    return customer


def change(
    world: StripeWorld, thing: Object, event: str = "customer.subscription.updated", **values: Any
) -> None:
    """Set the values, and say so if they are new."""
    previous = {name: thing.get(name) for name, value in values.items() if thing[name] != value}
    thing.update(values)
    if previous:
        world.emit(event, thing, **previous)


def put_items(subscription: Object, items: list[Object]) -> Object:
    """The list as it will be. What is there is left alone, for events to say what it was."""
    return subscription["items"] | {"data": items}


def is_latest(subscription: Object, invoice: Object) -> bool:
    return bool(subscription["latest_invoice"] == invoice["id"])


def after_payment(world: StripeWorld, invoice: Object) -> None:
    subscription = subscription_of(world, invoice)
    if subscription is None or subscription["status"] in ENDED:
        return
    if subscription["pending_update"] and is_latest(subscription, invoice):
        apply_pending(world, subscription)
    elif subscription["status"] == "paused":
        _resume(world, subscription, invoice)
    elif subscription["status"] in _WAITING and is_latest(subscription, invoice):
        change(world, subscription, status="active")


def after_failure(world: StripeWorld, invoice: Object) -> None:
    """An active subscription is past due; what waits for its first payment goes on waiting."""
    subscription = subscription_of(world, invoice)
    if subscription is None or subscription["pending_update"]:
        return
    if subscription["status"] == "active" and is_latest(subscription, invoice):
        change(world, subscription, status="past_due")


def after_giving_up(world: StripeWorld, invoice: Object) -> None:
    """Voided, or marked as uncollectible."""
    subscription = subscription_of(world, invoice)
    if subscription is None or not is_latest(subscription, invoice):
        return
    if subscription["pending_update"]:
        drop_pending(world, subscription)
    elif subscription["status"] == "incomplete":
        expire(world, subscription)
    elif subscription["status"] in ("past_due", "unpaid"):
        change(world, subscription, status="active")


def expire(world: StripeWorld, subscription: Object) -> None:
    """The first payment never came."""
    change(world, subscription, status="incomplete_expired", ended_at=world.now())


def apply_pending(world: StripeWorld, subscription: Object) -> None:
    values = subscription.pop("_pending")
    previous = {name: subscription[name] for name in values}
    subscription.update(values, pending_update=None)
    world.emit("customer.subscription.updated", subscription, **previous)
    world.emit("customer.subscription.pending_update_applied", subscription)


def drop_pending(world: StripeWorld, subscription: Object) -> None:
    """What waited for the next invoice, and was on this one, waits again."""
    subscription.pop("_pending", None)
    subscription["pending_update"] = None
    for item in world.all("invoiceitem", invoice=subscription["latest_invoice"]):
        item["invoice"] = None
    world.emit("customer.subscription.pending_update_expired", subscription)


def _resume(world: StripeWorld, subscription: Object, invoice: Object) -> None:
    if is_latest(subscription, invoice) and subscription.pop("_resuming", None):
        change(world, subscription, status="active", status_details=None)
        world.emit("customer.subscription.resumed", subscription)
