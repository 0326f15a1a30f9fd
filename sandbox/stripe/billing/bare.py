"""Subscriptions and their items, with every field Stripe shows."""

from typing import Any

from sandbox.stripe.errors import Missing, StripeError
from sandbox.stripe.world import Object, StripeWorld

Params = dict[str, Any]

# What is there and says nothing, unless somebody fills it.
_EMPTY = (
    "application",
    "application_fee_percent",
    "billing_cycle_anchor_config",
    "billing_thresholds",
    "cancel_at",
    "canceled_at",
    "customer_account",
    "default_source",
    "ended_at",
    "latest_invoice",
    "next_pending_invoice_item_invoice",
    "on_behalf_of",
    "pause_collection",
    "pending_invoice_item_interval",
    "pending_setup_intent",
    "pending_update",
    "schedule",
    "status_details",
    "test_clock",
    "transfer_data",
    "trial_end",
    "trial_start",
)
_WHY_ENDED = ("comment", "feedback", "feedback_option", "reason")
_ON_INVOICES = ("account_tax_ids", "custom_fields", "description", "footer")


def refuse_others(params: Params, known: set[str]) -> None:
    """What Stripe knows and the sandbox doesn't is better refused than left out in silence."""
    if others := sorted(params.keys() - known):
        raise StripeError(f"The sandbox does nothing with `{others[0]}`.", param=others[0])


def price_sold(world: StripeWorld, identifier: str, param: str) -> Object:
    """A price that may be put on a subscription."""
    price = world.find("price", identifier)
    if price is None:
        missing = Missing("price", identifier)
        missing.status, missing.error["param"] = 400, param
        raise missing
    if not price["active"]:
        raise StripeError(
            "The price specified is inactive. This field only accepts active prices.", param=param
        )
    if not price.get("recurring"):
        raise StripeError(
            "The price specified is set to `type=one_time` but this field only accepts prices "
            "with `type=recurring`.",
            param=param,
        )
    return price


def new_item(
    world: StripeWorld, subscription: str, price: Object, quantity: int, metadata: Params
) -> Object:
    return {
        "id": world.new_id("si"),
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": world.now(),
        "current_period_end": 0,
        "current_period_start": 0,
        "discounts": [],
        "metadata": dict(metadata),
        "plan": plan_of(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    }


def plan_of(price: Object) -> Object:
    """The price, in the words of before there were prices."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": str(price["unit_amount"]),
        "billing_scheme": "per_unit",
        "created": price.get("created", 0),
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring.get("interval_count", 1),
        "livemode": False,
        "metadata": {},
        "meter": None,
        "nickname": price.get("nickname"),
        "product": price["product"],
        "tiers_mode": None,
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def item_list(subscription: str, items: list[Object]) -> Object:
    return {
        "object": "list",
        "data": items,
        "has_more": False,
        "url": f"/v1/subscription_items?subscription={subscription}",
    }


def new_subscription(world: StripeWorld, customer: Object, params: Params) -> Object:
    """Without items; its status is set by who starts it."""
    now = world.now()
    taxed = bool((params.get("automatic_tax") or {}).get("enabled"))
    return {
        **dict.fromkeys(_EMPTY),
        "id": world.new_id("sub"),
        "object": "subscription",
        "automatic_tax": automatic_tax(taxed),
        "billing_cycle_anchor": now,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": now,
        },
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": dict.fromkeys(_WHY_ENDED),
        "collection_method": params.get("collection_method", "charge_automatically"),
        "created": now,
        "customer": customer["id"],
        "days_until_due": params.get("days_until_due"),
        "default_payment_method": params.get("default_payment_method"),
        "default_tax_rates": [],
        "description": params.get("description"),
        "discounts": [],
        "invoice_settings": dict.fromkeys(_ON_INVOICES) | {"issuer": {"type": "self"}},
        "livemode": False,
        "metadata": dict(params.get("metadata") or {}),
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        }
        | (params.get("payment_settings") or {}),
        "start_date": now,
        "trial_settings": trial_settings(params.get("trial_settings")),
    }


def automatic_tax(enabled: bool) -> Object:
    liability = {"type": "self"} if enabled else None
    return {"disabled_reason": None, "enabled": enabled, "liability": liability}


def trial_settings(given: Params | None) -> Object:
    behavior = (given or {}).get("end_behavior") or {}
    missing = behavior.get("missing_payment_method", "create_invoice")
    return {"end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": missing}}
