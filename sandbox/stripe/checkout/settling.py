"""A Checkout session that is paid: its customer, card and subscription, and what they will cost."""

from typing import Any

from sandbox.stripe.calls import Call
from sandbox.stripe.resources import customers, tax_ids
from sandbox.stripe.resources.payment_methods import attach
from sandbox.stripe.resources.subscriptions import create_subscription
from sandbox.stripe.world import Object, StripeWorld

from .sessions import Params

# What its payer typed: `email`, `name`, `business_name`, `address`, `tax_id_type`, `tax_id`,
# `promotion_code`.
Details = dict[str, Any]
_FROM_DATA = (
    "billing_cycle_anchor",
    "billing_mode",
    "description",
    "invoice_settings",
    "metadata",
    "proration_behavior",
    "trial_end",
    "trial_period_days",
    "trial_settings",
)


def settle(
    world: StripeWorld,
    session: Object,
    details: Details,
    method: Object | None,
    *,
    authenticated: bool = False,
) -> Object:
    """Make its customer and its subscription, which is returned. The card must be good."""
    customer = _customer(world, session, details)
    if details.get("tax_id"):
        _add_tax_id(world, customer, details)
    if method is not None:
        attach(world, method, customer)
    params = _subscription_params(world, session, customer, details)
    if method is not None:
        params["default_payment_method"] = method["id"]
    return create_subscription(world, params, card_authenticated=authenticated)


def _customer(world: StripeWorld, session: Object, details: Details) -> Object:
    typed = {name: details.get(name) for name in ("email", "name", "address")}
    typed = {name: value for name, value in typed.items() if value}
    if details.get("business_name"):
        typed["name"] = details["business_name"]
    if session["customer"] is None:
        return customers.create(Call(world, typed))
    customer = customers.living(world, session["customer"])
    updates = session["_params"].get("customer_update") or {}
    if customer["email"]:
        typed.pop("email", None)
    for name in ("name", "address"):
        if updates.get(name) != "auto":
            typed.pop(name, None)
    return customers.update(Call(world, typed, {"customer": customer["id"]}))


def _add_tax_id(world: StripeWorld, customer: Object, details: Details) -> None:
    sent = {"type": details["tax_id_type"], "value": details["tax_id"]}
    if not any(world.all("tax_id", customer=customer["id"], **sent)):
        tax_ids.add_tax_id(world, customer, sent)


def _subscription_params(
    world: StripeWorld, session: Object, customer: Object, details: Details
) -> Params:
    params = session["_params"]
    data = params.get("subscription_data") or {}
    made: Params = {name: data[name] for name in _FROM_DATA if name in data}
    made["customer"] = customer["id"]
    made["items"] = [
        {"price": item["price"], "quantity": int(item.get("quantity") or 1)}
        for item in params["line_items"]
    ]
    # Without an address nobody can tell the tax. The page asks for one before it is paid.
    if session["automatic_tax"]["enabled"] and (customer.get("address") or {}).get("country"):
        made["automatic_tax"] = {"enabled": True}
    if discounts := _discounts(world, params, details):
        made["discounts"] = discounts
    return made


def _discounts(world: StripeWorld, params: Params, details: Details) -> list[Object]:
    if code := details.get("promotion_code"):
        found = promotion(world, code)
        return [{"promotion_code": found["id"]}] if found else []
    return list(params.get("discounts") or [])


def promotion(world: StripeWorld, code: str) -> Object | None:
    """The active promotion code that is spelled so, whatever its case."""
    return next(
        (
            each
            for each in world.all("promotion_code", active=True)
            if each["code"].lower() == code.strip().lower()
        ),
        None,
    )
