"""Coupons and promotion codes, put on a subscription."""

from typing import Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .periods import boundary


def give_discounts(
    world: StripeWorld, subscription: Object, wanted: list[dict[str, Any]]
) -> list[str]:
    """The ids of new discounts."""
    return [_given(world, subscription, each)["id"] for each in wanted]


def _given(world: StripeWorld, subscription: Object, wanted: dict[str, Any]) -> Object:
    if kept := world.find("discount", wanted.get("discount")):
        return kept
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
            "customer": subscription["customer"],
            "customer_account": None,
            "end": _end(coupon, world.now()),
            "invoice": None,
            "invoice_item": None,
            "promotion_code": code["id"] if code else None,
            "source": {"coupon": coupon["id"], "type": "coupon"},
            "start": world.now(),
            "subscription": subscription["id"],
            "subscription_item": None,
        }
    )


def _end(coupon: Object, start: int) -> int | None:
    if coupon["duration"] != "repeating":
        return None
    return boundary(start, {"interval": "month"}, coupon["duration_in_months"])
