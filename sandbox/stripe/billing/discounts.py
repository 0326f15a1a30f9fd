"""Coupons and promotion codes, put on a subscription or on a customer."""

from typing import Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .periods import boundary


def give_discounts(
    world: StripeWorld, subscription: Object, wanted: list[dict[str, Any]]
) -> list[str]:
    """The ids of new discounts."""
    return [_given(world, subscription, each)["id"] for each in wanted]


def give_customer(world: StripeWorld, customer: Object, coupon: str) -> Object:
    """In place of the one there was, for all subscriptions that have none of their own. As it is
    done in the dashboard: the API can only take it away again.
    """
    take_from_customer(world, customer)
    discount = _redeemed(world, {"coupon": coupon}, customer["id"])
    customer["discount"] = dict(discount)
    world.emit("customer.discount.created", discount)
    return discount


def take_from_customer(world: StripeWorld, customer: Object) -> Object | None:
    """The one that was taken away."""
    discount: Object | None = customer["discount"]
    if discount:
        end_discount(world, world.get("discount", discount["id"]))
    return discount


def end_discount(world: StripeWorld, discount: Object) -> None:
    discount["end"] = world.now()
    customer = world.get("customer", discount["customer"])
    # One that was deleted has none any more.
    known = customer.get("discount")
    if known and known["id"] == discount["id"]:
        customer["discount"] = None
        world.emit("customer.discount.deleted", discount)


def in_force(world: StripeWorld, customer: Object, subscription: Object, at: int) -> list[Object]:
    """The subscription's own, or else its customer's."""
    own = _lasting([world.find("discount", each) for each in subscription["discounts"]], at)
    return own or _lasting([customer.get("discount")], at)


def _lasting(discounts: list[Object | None], at: int) -> list[Object]:
    return [each for each in discounts if each and (each["end"] is None or each["end"] > at)]


def _given(world: StripeWorld, subscription: Object, wanted: dict[str, Any]) -> Object:
    if kept := world.find("discount", wanted.get("discount")):
        return kept
    return _redeemed(world, wanted, subscription["customer"], subscription["id"])


def _redeemed(
    world: StripeWorld, wanted: dict[str, Any], customer: str, subscription: str | None = None
) -> Object:
    code = world.find("promotion_code", wanted.get("promotion_code"))
    identifier = code["promotion"]["coupon"] if code else wanted.get("coupon")
    coupon = world.find("coupon", identifier)
    if coupon is None or not coupon["valid"] or code and not code["active"]:
        raise StripeError(f"No such coupon: '{identifier}'", code="resource_missing")
    coupon["times_redeemed"] += 1
    return world.put(
        {
            "id": world.new_id("di"),
            "object": "discount",
            "checkout_session": None,
            "customer": customer,
            "customer_account": None,
            "end": _last_moment(coupon, world.now()),
            "invoice": None,
            "invoice_item": None,
            "promotion_code": code["id"] if code else None,
            "source": {"coupon": coupon["id"], "type": "coupon"},
            "start": world.now(),
            "subscription": subscription,
            "subscription_item": None,
        }
    )


def _last_moment(coupon: Object, start: int) -> int | None:
    if coupon["duration"] != "repeating":
        return None
    return boundary(start, {"interval": "month"}, coupon["duration_in_months"])
