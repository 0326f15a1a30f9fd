"""Invoices that are only looked at."""

from typing import Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .bare import refuse_others
from .drafting import Draft, invoice_of
from .ending import end_draft, end_lines
from .lines import period_lines, waiting
from .periods import next_boundary
from .phases import upcoming
from .planning import Change, invoice_for, plan
from .resuming import resumed
from .standing import ENDED, customer_of, items_of
from .starting import first_invoice, prepared

Params = dict[str, Any]


_KNOWN = {
    "automatic_tax",
    "currency",
    "customer",
    "customer_details",
    "subscription",
    "subscription_details",
}
_KNOWN_DETAILS = {
    "billing_cycle_anchor",
    "billing_mode",
    "cancel_at_period_end",
    "cancel_now",
    "items",
    "proration_behavior",
    "proration_date",
    "resume_at",
    "trial_end",
}


def preview(world: StripeWorld, params: Params) -> Object:
    """As `POST /v1/invoices/create_preview` does. Nothing is kept."""
    details = params.get("subscription_details") or {}
    refuse_others(params, _KNOWN)
    refuse_others(details, _KNOWN_DETAILS)
    if identifier := params.get("subscription"):
        subscription = world.get("subscription", identifier)
        return shown_as_preview(_of_change(world, subscription, details))
    customer = _customer(world, params)
    if "items" in details:
        subscription = prepared(world, customer, details | _chosen(params))
        return shown_as_preview(first_invoice(world, customer, subscription))
    subscription = _only_one(world, customer)
    return shown_as_preview(_of_change(world, subscription, details))


def _of_change(world: StripeWorld, subscription: Object, details: Params) -> Object:
    if subscription["status"] in ENDED:
        raise _none(subscription["customer"])
    now = world.now()
    if "resume_at" in details:
        return _of_resumption(world, subscription, now)
    if details.get("cancel_now"):
        prorated = {"prorate": details.get("proration_behavior") != "none"}
        lines = end_lines(world, subscription, prorated, details.get("proration_date"))
        return end_draft(world, subscription, lines, now)
    if not details.keys() - {"cancel_at_period_end", "proration_date"}:
        return _as_it_is(world, subscription, details)
    change = plan(world, subscription, details, now)
    if change.at_once:
        return invoice_for(world, subscription, change, now)
    return _as_it_is(world, subscription, details, change)


def _of_resumption(world: StripeWorld, subscription: Object, now: int) -> Object:
    if subscription["status"] != "paused":
        raise StripeError(
            "`resume_at` can only be previewed for a paused subscription.",
            param="subscription_details[resume_at]",
        )
    return resumed(world, subscription, now)[1]


def _as_it_is(
    world: StripeWorld, subscription: Object, details: Params, change: Change | None = None
) -> Object:
    if _ends_with_its_period(subscription, details):
        raise _none(subscription["customer"])
    return next_invoice(world, subscription, change)


def next_invoice(world: StripeWorld, subscription: Object, change: Change | None = None) -> Object:
    """What the next period will be billed by, with what waits until then."""
    later = subscription | change.values if change else upcoming(world, subscription)
    items = items_of(later)
    start = items[0]["current_period_end"]
    anchor = later["billing_cycle_anchor"]
    end = next_boundary(anchor, items[0]["price"]["recurring"], start)
    lines = waiting(world, subscription["id"]) + (change.lines if change else [])
    lines += period_lines(world, subscription["id"], items, start, end)
    customer = world.get("customer", subscription["customer"])
    period = (items[0]["current_period_start"], start)
    date = change.proration_date if change and change.lines else None
    return invoice_of(world, Draft(customer, subscription, lines, "upcoming", start, date, period))


def shown_as_preview(invoice: Object) -> Object:
    identifier = invoice["id"].replace("in_", "upcoming_in_", 1)
    for line in invoice["lines"]["data"]:
        line["invoice"] = identifier
    invoice["lines"]["url"] = f"/v1/invoices/upcoming/lines?invoice={identifier}"
    return invoice | {"id": identifier, "auto_advance": False}


def _ends_with_its_period(subscription: Object, details: Params) -> bool:
    return bool(details.get("cancel_at_period_end", subscription["cancel_at_period_end"]))


def _none(customer: str) -> StripeError:
    return StripeError(
        f"No upcoming invoices for customer: {customer}",
        status=404,
        code="invoice_upcoming_none",
    )


def _customer(world: StripeWorld, params: Params) -> Object:
    if identifier := params.get("customer"):
        customer = customer_of(world, identifier)
    else:
        customer = {"id": None, "balance": 0, "currency": params.get("currency")}
    return customer | (params.get("customer_details") or {})


def _chosen(params: Params) -> Params:
    return {name: params[name] for name in ("automatic_tax",) if name in params}


def _only_one(world: StripeWorld, customer: Object) -> Object:
    for subscription in world.all("subscription", customer=customer["id"]):
        if subscription["status"] not in ENDED:
            return subscription
    raise _none(customer["id"])
