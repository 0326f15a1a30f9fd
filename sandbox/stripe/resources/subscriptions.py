"""Subscriptions: what a customer has bought."""

from typing import Any

from sandbox.stripe.billing.changing import update_subscription
from sandbox.stripe.billing.ending import cancel
from sandbox.stripe.billing.resuming import resume_subscription
from sandbox.stripe.billing.standing import ENDED, items_of
from sandbox.stripe.billing.starting import create_subscription
from sandbox.stripe.calls import Call, handles
from sandbox.stripe.errors import Missing
from sandbox.stripe.listing import listed
from sandbox.stripe.world import Object, StripeWorld

from .customers import on_deletion

__all__ = ["create_subscription"]


@handles("POST", "/v1/subscriptions")
def create(call: Call) -> Object:
    return create_subscription(call.world, call.params)


@handles("GET", "/v1/subscriptions/{subscription_exposed_id}")
def retrieve(call: Call) -> Object:
    return _asked(call)


@handles("POST", "/v1/subscriptions/{subscription_exposed_id}")
def update(call: Call) -> Object:
    return update_subscription(call.world, _asked(call), call.params)


@handles("DELETE", "/v1/subscriptions/{subscription_exposed_id}")
def cancel_now(call: Call) -> Object:
    subscription = _asked(call)
    if subscription["status"] in ENDED:
        raise Missing("subscription", subscription["id"])
    cancel(call.world, subscription, call.params, "cancellation_requested")
    return subscription


@handles("POST", "/v1/subscriptions/{subscription}/resume")
def resume(call: Call) -> Object:
    subscription = call.world.get("subscription", call["subscription"])
    return resume_subscription(call.world, subscription, call.params)


@handles("GET", "/v1/subscriptions")
def list_subscriptions(call: Call) -> Object:
    """Those that ended only if they are asked for."""
    names = ("customer", "collection_method")
    wanted = {name: call.params[name] for name in names if name in call.params}
    rows = call.world.all("subscription", **wanted)
    return listed(call, (each for each in rows if _is_wanted(each, call.params)))


@handles("GET", "/v1/subscription_items")
def list_items(call: Call) -> Object:
    subscription = call.world.get("subscription", call.params.get("subscription", ""))
    return listed(call, items_of(subscription)[::-1])


def _asked(call: Call) -> Object:
    return call.world.get("subscription", call["subscription_exposed_id"])


def _is_wanted(subscription: Object, params: dict[str, Any]) -> bool:
    price = params.get("price")
    if price and all(item["price"]["id"] != price for item in items_of(subscription)):
        return False
    status = params.get("status")
    if status is None:
        return subscription["status"] != "canceled"
    if status == "ended":
        return subscription["status"] in ENDED
    return status in ("all", subscription["status"])


def _cancel_all(world: StripeWorld, customer: Object) -> None:
    for subscription in world.all("subscription", customer=customer["id"]):
        if subscription["status"] not in ENDED:
            cancel(world, subscription, {}, "cancellation_requested")


on_deletion.append(_cancel_all)
