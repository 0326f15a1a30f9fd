"""Updating a subscription: what is refused, what is billed, what waits for a payment."""

from collections.abc import Callable
from typing import Any

from sandbox.stripe import cards
from sandbox.stripe.changing import merged
from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .bare import automatic_tax, refuse_others, trial_settings
from .discounts import give_discounts
from .invoicing import attempt, finalize, keep, require_location, retry_later, void
from .lines import keep_waiting
from .paying import default_card
from .periods import HOUR
from .planning import Change, invoice_for, plan
from .standing import ENDED, after_failure, change, customer_of, drop_pending, period_of
from .starting import refuse_unless_paid

Params = dict[str, Any]
# After so many seconds an upgrade that was not paid is forgotten.
PENDING_FOR = 23 * HOUR
_BILLED = {"items", "billing_cycle_anchor", "trial_end"}
_MAY_PEND = {
    "add_invoice_items",
    "billing_cycle_anchor",
    "expand",
    "items",
    "off_session",
    "payment_behavior",
    "proration_behavior",
    "proration_date",
    "trial_end",
    "trial_from_plan",
}
_KNOWN = {
    "automatic_tax",
    "billing_cycle_anchor",
    "cancel_at",
    "cancel_at_period_end",
    "cancellation_details",
    "collection_method",
    "days_until_due",
    "default_payment_method",
    "description",
    "discounts",
    "items",
    "metadata",
    "off_session",
    "payment_behavior",
    "payment_settings",
    "proration_behavior",
    "proration_date",
    "trial_end",
    "trial_settings",
}
_ITEM_MAY_PEND = {"id", "price", "quantity", "deleted"}
_OF_A_SCHEDULE = _BILLED | {"cancel_at", "cancel_at_period_end", "discounts", "trial_from_plan"}
_AFTER_THE_END = {"cancellation_details", "expand", "metadata"}


def update_subscription(world: StripeWorld, subscription: Object, params: Params) -> Object:
    """As `POST /v1/subscriptions/{id}` does."""
    _check(subscription, params)
    return carry_out(world, subscription, params)


def carry_out(world: StripeWorld, subscription: Object, params: Params) -> Object:
    """Without asking whether a schedule manages it."""
    values = _plain_values(world, subscription, params)
    if not _BILLED & params.keys():
        change(world, subscription, **values)
        return subscription
    _forget_pending(world, subscription)
    now = world.now()
    planned = plan(world, subscription, params, now)
    values |= planned.values
    if not planned.at_once:
        apply(world, subscription, planned, values)
        return subscription
    _bill(world, subscription, planned, values, params)
    return subscription


def apply(world: StripeWorld, subscription: Object, planned: Change, values: Object) -> None:
    """Without an invoice now: what it costs waits for the next one."""
    customer = customer_of(world, subscription["customer"])
    for line in planned.lines:
        keep_waiting(world, customer, line)
    change(world, subscription, **_cancel_date(subscription, values))


def _bill(
    world: StripeWorld, subscription: Object, planned: Change, values: Object, params: Params
) -> None:
    now = world.now()
    invoice = invoice_for(world, subscription, planned, now)
    require_location(invoice)
    behavior = params.get("payment_behavior", "allow_incomplete")
    outcome = _outcome(world, subscription, invoice)
    if behavior == "error_if_incomplete":
        refuse_unless_paid(outcome)
    values = _cancel_date(subscription, values)
    if behavior == "pending_if_incomplete" and outcome.status != "succeeded":
        subscription["_pending"] = values
        update = _pending_update(subscription, values, planned, now)
        values = {"pending_update": update}
    change(world, subscription, **values, latest_invoice=invoice["id"])
    keep(world, invoice)
    collect(world, subscription, invoice, behavior)


def _outcome(world: StripeWorld, subscription: Object, invoice: Object) -> cards.Outcome:
    """What would come of charging it now."""
    if not invoice["amount_due"] or subscription["collection_method"] == "send_invoice":
        return cards.PAID
    return cards.charge(world, default_card(world, subscription["customer"], subscription))


def collect(world: StripeWorld, subscription: Object, invoice: Object, behavior: str) -> None:
    """Finalize at once, and charge."""
    finalize(world, invoice)
    if invoice["status"] != "open":
        return
    if invoice["collection_method"] == "send_invoice":
        world.emit("invoice.sent", invoice)
    elif behavior == "default_incomplete":
        after_failure(world, invoice)
    elif attempt(world, invoice).status != "succeeded":
        after_failure(world, invoice)
        if subscription["status"] == "past_due" and not subscription["pending_update"]:
            retry_later(world, invoice)


def _pending_update(subscription: Object, values: Object, planned: Change, now: int) -> Object:
    """What is kept aside until its invoice is paid, the period ends or its time is up."""
    return {
        "billing_cycle_anchor": values.get("billing_cycle_anchor"),
        "discounts": None,
        "expires_at": min(now + PENDING_FOR, period_of(subscription)[1]),
        "subscription_items": planned.items,
        "trial_end": values.get("trial_end"),
        "trial_from_plan": None,
    }


def _forget_pending(world: StripeWorld, subscription: Object) -> None:
    """A new change takes the place of one that waits for its payment."""
    if not subscription["pending_update"]:
        return
    invoice = world.get("invoice", subscription["latest_invoice"])
    if invoice["status"] in ("open", "uncollectible"):
        void(world, invoice)
    else:
        drop_pending(world, subscription)


def _cancel_date(subscription: Object, values: Object) -> Object:
    """One that ends with its period ends with the new one."""
    ending = values.get("cancel_at_period_end", subscription["cancel_at_period_end"])
    if not ending or "items" not in values:
        return values
    return values | {"cancel_at": values["items"]["data"][0]["current_period_end"]}


# What may be said


def _check(subscription: Object, params: Params) -> None:
    refuse_others(params, _KNOWN)
    if subscription["status"] in ENDED and params.keys() - _AFTER_THE_END:
        raise StripeError(
            "A canceled subscription can only update its cancellation_details and metadata."
        )
    if subscription["schedule"]:
        _check_schedule(subscription, params)
    if params.get("payment_behavior") == "pending_if_incomplete":
        _check_pending(subscription, params)


def _check_schedule(subscription: Object, params: Params) -> None:
    if _OF_A_SCHEDULE & params.keys():
        raise StripeError(
            "The subscription is managed by the subscription schedule "
            f"`{subscription['schedule']}`, and updating any of its items, trial or cancellation "
            "behavior directly is not allowed. Please update the schedule instead."
        )


def _check_pending(subscription: Object, params: Params) -> None:
    if subscription["collection_method"] != "charge_automatically":
        raise StripeError(
            "`payment_behavior` can only be `pending_if_incomplete` when `collection_method` is "
            "`charge_automatically`."
        )
    refused = sorted(params.keys() - _MAY_PEND)
    for number, item in enumerate(params.get("items") or []):
        refused += [f"items[{number}][{name}]" for name in sorted(item.keys() - _ITEM_MAY_PEND)]
    if refused:
        raise StripeError(
            f"Cannot specify `{refused[0]}` when `payment_behavior` is `pending_if_incomplete`.",
            param=refused[0],
        )


# What costs nothing


def _plain_values(world: StripeWorld, subscription: Object, params: Params) -> Object:
    names = ("description", "collection_method", "days_until_due", "default_payment_method")
    values: Object = {name: params[name] or None for name in names if name in params}
    if values.get("default_payment_method"):
        world.get("payment_method", values["default_payment_method"])
    for name in _RENDERED.keys() & params.keys():
        values[name] = _RENDERED[name](subscription, params[name])
    if "discounts" in params:
        values["discounts"] = give_discounts(world, subscription, params["discounts"] or [])
    return values | _cancellation(world, subscription, params)


# What is kept otherwise than it is sent.
_RENDERED: dict[str, Callable[[Object, Any], Object]] = {
    "automatic_tax": lambda _, sent: automatic_tax(sent["enabled"]),
    "metadata": lambda subscription, sent: merged(subscription["metadata"], sent),
    "payment_settings": lambda subscription, sent: subscription["payment_settings"] | sent,
    "trial_settings": lambda _, sent: trial_settings(sent),
}


def _cancellation(world: StripeWorld, subscription: Object, params: Params) -> Object:
    values: Object = {}
    if "cancel_at" in params or "cancel_at_period_end" in params:
        values = _cancel_at(subscription, params)
        if values["cancel_at"] and not subscription["cancel_at"]:
            values["canceled_at"] = world.now()
    said = params.get("cancellation_details") or {}
    if said or values:
        ending = values.get("cancel_at", subscription["cancel_at"])
        reason = "cancellation_requested" if ending else None
        details = subscription["cancellation_details"] | {"reason": reason}
        if not ending and not said:
            details |= {"comment": None, "feedback": None}
        values["cancellation_details"] = details | said
    return values


def _cancel_at(subscription: Object, params: Params) -> Object:
    at_end = params.get("cancel_at_period_end", False)
    when = params.get("cancel_at") or None
    end = period_of(subscription)[1]
    if at_end or when in ("min_period_end", "max_period_end"):
        return {"cancel_at_period_end": at_end, "cancel_at": end}
    cleared = {} if when else {"canceled_at": None}
    return {"cancel_at_period_end": False, "cancel_at": when} | cleared
