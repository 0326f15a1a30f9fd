"""The phases of a schedule: what a subscription will be, from when to when."""

from typing import Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .bare import automatic_tax, plan_of, price_sold, refuse_others
from .periods import boundary, same_rhythm
from .standing import items_of, put_items

Params = dict[str, Any]


def phase_of(subscription: Object) -> Object:
    """The one that is going on, as the subscription stands."""
    items = items_of(subscription)
    trial_end = subscription["trial_end"] if subscription["status"] == "trialing" else None
    return new_phase(
        subscription,
        items[0]["current_period_start"],
        items[0]["current_period_end"],
        [phase_item(item["price"], item["quantity"]) for item in items],
    ) | {
        "automatic_tax": subscription["automatic_tax"],
        "discounts": [_discount(each) for each in subscription["discounts"]],
        "trial_end": trial_end,
    }


_KNOWN = {
    "automatic_tax",
    "currency",
    "discounts",
    "duration",
    "end_date",
    "items",
    "metadata",
    "proration_behavior",
    "start_date",
}


def phases_of(
    world: StripeWorld, subscription: Object, wanted: list[Params], behavior: str
) -> list[Object]:
    """Each begins where the one before it ends."""
    phases: list[Object] = []
    for number, each in enumerate(wanted):
        refuse_others(each, _KNOWN)
        start = phases[-1]["end_date"] if phases else each.get("start_date")
        if not isinstance(start, int):
            raise StripeError(
                "The first phase must have a `start_date`.", param=f"phases[{number}][start_date]"
            )
        items = _items(world, each["items"], f"phases[{number}]")
        end = _end(each, items, start, f"phases[{number}]")
        phase = new_phase(subscription, start, end, items)
        phase["proration_behavior"] = each.get("proration_behavior", behavior)
        phase["metadata"] = dict(each.get("metadata") or {})
        phase["discounts"] = [_kept(world, given) for given in each.get("discounts") or []]
        if "automatic_tax" in each:
            phase["automatic_tax"] = automatic_tax(each["automatic_tax"]["enabled"])
        phases.append(phase)
    return phases


def _kept(world: StripeWorld, given: Params) -> Object:
    """One that the subscription has already."""
    refuse_others(given, {"discount"})
    return _discount(world.get("discount", given["discount"])["id"])


def _discount(identifier: str) -> Object:
    return {"coupon": None, "discount": identifier, "promotion_code": None}


def terms_of(phase: Object) -> Object:
    """What a subscription has besides its items: a phase that names no discount has none, and one
    that says nothing of tax leaves it.
    """
    terms: Object = {"discounts": [each["discount"] for each in phase["discounts"]]}
    if phase["automatic_tax"]:
        terms["automatic_tax"] = automatic_tax(phase["automatic_tax"]["enabled"])
    return terms


def _items(world: StripeWorld, wanted: list[Params], param: str) -> list[Object]:
    prices = [
        price_sold(world, each.get("price", ""), f"{param}[items][{number}][price]")
        for number, each in enumerate(wanted)
    ]
    quantities = [each.get("quantity", 1) for each in wanted]
    return [phase_item(*each) for each in zip(prices, quantities, strict=True)]


def _end(wanted: Params, items: list[Object], start: int, param: str) -> int:
    if "duration" in wanted and "end_date" in wanted:
        raise StripeError(
            "You may only specify one of these parameters: duration, end_date.",
            code="parameters_exclusive",
            param=param,
        )
    recurring = items[0]["_price"]["recurring"]
    end = wanted.get("end_date") or boundary(start, wanted.get("duration") or recurring, 1)
    if not isinstance(end, int) or end <= start:
        raise StripeError(
            "The phase end date must be after its start date.", param=f"{param}[end_date]"
        )
    return end


def current(schedule: Object, at: int) -> Object:
    """The phase at this moment, the later one where two meet."""
    begun = [phase for phase in schedule["phases"] if phase["start_date"] <= at]
    phase: Object = (begun or schedule["phases"])[-1 if begun else 0]
    return phase


def following(schedule: Object) -> Object | None:
    """The phase after the current one."""
    start = schedule["current_phase"]["end_date"]
    return next((each for each in schedule["phases"] if each["start_date"] == start), None)


def bounds(phase: Object) -> Object:
    return {"start_date": phase["start_date"], "end_date": phase["end_date"]}


def items_in(subscription: Object, phase: Object) -> list[Params]:
    """The phase as changes of the subscription's items: one takes the place of another."""
    old = items_of(subscription)
    changes: list[Params] = [
        {"price": each["_price"], "quantity": each["quantity"]} for each in phase["items"]
    ]
    for item, change in zip(old, changes, strict=False):
        change["id"] = item["id"]
    return changes + [{"id": item["id"], "deleted": True} for item in old[len(changes) :]]


def at_boundary(world: StripeWorld, subscription: Object, phase: Object) -> Object:
    """The subscription's values when the phase begins with its next period: other prices, and
    another rhythm counted from there.
    """
    old, at = items_of(subscription), phase["start_date"]
    items = [
        item | {"price": each["_price"], "plan": plan_of(each["_price"])}
        | {"quantity": each["quantity"]}
        for item, each in zip(old, phase["items"], strict=False)
    ]  # fmt: skip
    values: Object = {"items": put_items(subscription, items), **terms_of(phase)}
    if not same_rhythm(old[0]["price"]["recurring"], items[0]["price"]["recurring"]):
        values["billing_cycle_anchor"] = at
    return values


def upcoming(world: StripeWorld, subscription: Object) -> Object:
    """What the subscription will be when its period ends."""
    schedule = world.find("subscription_schedule", subscription["schedule"])
    phase = following(schedule) if schedule else None
    if phase is None or phase["start_date"] != items_of(subscription)[0]["current_period_end"]:
        return subscription
    return subscription | at_boundary(world, subscription, phase)


def new_phase(subscription: Object, start: int, end: int, items: list[Object]) -> Object:
    return {
        "add_invoice_items": [],
        "application_fee_percent": None,
        "automatic_tax": None,
        "billing_cycle_anchor": None,
        "billing_thresholds": None,
        "collection_method": None,
        "currency": subscription["currency"],
        "default_payment_method": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "end_date": end,
        "invoice_settings": None,
        "items": items,
        "metadata": {},
        "on_behalf_of": None,
        "proration_behavior": "create_prorations",
        "start_date": start,
        "transfer_data": None,
        "trial_end": None,
    }


def phase_item(price: Object, quantity: int) -> Object:
    return {
        "billing_thresholds": None,
        "discounts": [],
        "metadata": {},
        "plan": price["id"],
        "price": price["id"],
        "quantity": quantity,
        "tax_rates": [],
        "_price": price,
    }
