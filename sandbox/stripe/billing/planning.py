"""What a change of a subscription would do and cost, before anything is done.

A preview shows it and an update does it: both call `plan` and `invoice_for`, so both have the
same cents.
"""

from dataclasses import dataclass
from typing import Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.world import Object, StripeWorld

from .bare import new_item, plan_of, price_sold
from .drafting import Draft, invoice_of
from .lines import Line, period_lines, remaining_time, trial_lines, unused_time, waiting
from .periods import next_boundary, same_rhythm
from .standing import items_of, period_of, put_items

Params = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """`values` of the subscription as they will be, the lines this adds, and whether they are
    billed at once rather than with the next period.
    """

    values: Object
    lines: list[Line]
    at_once: bool
    proration_date: int
    restarts: bool = False

    @property
    def items(self) -> list[Object]:
        rows: list[Object] = self.values["items"]["data"]
        return rows


def plan(world: StripeWorld, subscription: Object, params: Params, at: int) -> Change:
    items = _items_wanted(world, subscription, params.get("items") or [])
    date = _proration_date(subscription, params, at)
    if subscription["status"] == "paused" or _stays_on_trial(subscription, params):
        return Change({"items": put_items(subscription, items)}, [], False, date)
    restart = _restart(subscription, items, params, at)
    lines: list[Line] = []
    if _is_prorated(subscription, params, date):
        lines = _prorations(world, subscription, items, date, bool(restart))
    values: Object = dict(restart or {})
    if restart:
        items, more = _started_again(world, subscription, items, restart, at)
        lines = lines + more
    values["items"] = put_items(subscription, items)
    invoiced = bool(lines) and params.get("proration_behavior") == "always_invoice"
    return Change(values, lines, bool(restart) or invoiced, date, bool(restart))


def invoice_for(world: StripeWorld, subscription: Object, change: Change, at: int) -> Object:
    """What is billed at once."""
    customer, lines = basis(world, subscription)
    lines = lines + change.lines
    period = (at, at)
    return invoice_of(
        world,
        Draft(
            customer, subscription, lines, "subscription_update", at, change.proration_date, period
        ),
    )


def _is_prorated(subscription: Object, params: Params, date: int) -> bool:
    return (
        params.get("proration_behavior") != "none"
        and subscription["status"] != "trialing"
        and date < period_of(subscription)[1]
    )


def basis(world: StripeWorld, subscription: Object) -> tuple[Object, list[Line]]:
    """The customer and what waits for an invoice. An update that waits for its payment is taken
    as forgotten, which it is when another comes: its invoice gives back what it took.
    """
    customer = world.get("customer", subscription["customer"])
    invoice = world.find("invoice", subscription["latest_invoice"])
    if invoice is None or not subscription["pending_update"]:
        return customer, waiting(world, subscription["id"])
    taken = invoice["ending_balance"] - invoice["starting_balance"]
    customer = customer | {"balance": customer["balance"] - taken}
    return customer, waiting(world, subscription["id"], invoice["id"])


def _stays_on_trial(subscription: Object, params: Params) -> bool:
    return subscription["status"] == "trialing" and "trial_end" not in params


def _proration_date(subscription: Object, params: Params, at: int) -> int:
    date = params.get("proration_date")
    start, end = period_of(subscription)
    if date is None:
        return max(start, min(at, end))
    if not start <= date <= end:
        raise StripeError(
            "Cannot specify `proration_date` outside of the current billing period.",
            param="proration_date",
        )
    return int(date)


# Items


def _items_wanted(world: StripeWorld, subscription: Object, changes: list[Params]) -> list[Object]:
    items = {item["id"]: item for item in items_of(subscription)}
    for number, wanted in enumerate(changes):
        param = f"items[{number}]"
        identifier = wanted.get("id")
        if identifier is None:
            added = _added(world, subscription, list(items.values()), wanted, param)
            items[added["id"]] = added
        elif identifier not in items:
            raise StripeError(
                f"No such subscription item: '{identifier}'",
                code="resource_missing",
                param=f"{param}[id]",
            )
        elif wanted.get("deleted"):
            del items[identifier]
        else:
            items[identifier] = _changed(world, items[identifier], wanted, param)
    return _in_one_rhythm(subscription, list(items.values()))


def _added(
    world: StripeWorld, subscription: Object, items: list[Object], wanted: Params, param: str
) -> Object:
    price = _price(world, wanted, param)
    if any(item["price"]["id"] == price["id"] for item in items):
        raise StripeError(
            f"Cannot add multiple subscription items with the same plan: {price['id']}"
        )
    item = new_item(
        world,
        subscription["id"],
        price,
        wanted.get("quantity", 1),
        wanted.get("metadata") or {},
    )
    start, end = period_of(subscription)
    return item | {"current_period_start": start, "current_period_end": end}


def _changed(world: StripeWorld, item: Object, wanted: Params, param: str) -> Object:
    item = dict(item)
    if "price" in wanted:
        price = _price(world, wanted, param)
        item.update(price=price, plan=plan_of(price))
    item["quantity"] = wanted.get("quantity", item["quantity"])
    if "metadata" in wanted:
        item["metadata"] = dict(wanted["metadata"] or {})
    return item


def _price(world: StripeWorld, wanted: Params, param: str) -> Object:
    """A schedule has promised its price, and gives it whole."""
    price = wanted.get("price", "")
    return price if isinstance(price, dict) else price_sold(world, price, f"{param}[price]")


def _in_one_rhythm(subscription: Object, items: list[Object]) -> list[Object]:
    if not items:
        raise StripeError("A subscription must have at least one active plan.")
    prices = [item["price"] for item in items]
    if any(not same_rhythm(prices[0]["recurring"], each["recurring"]) for each in prices):
        raise StripeError(
            "Currently, all prices on a subscription must have the same `recurring.interval` and "
            "`recurring.interval_count`. If this limitation is causing problems, please contact "
            "us at support@example.com."
        )
    for price in prices:
        if price["currency"] != subscription["currency"]:
            raise StripeError(
                f"The price `{price['id']}` is in `{price['currency']}`, but the subscription's "
                f"currency is `{subscription['currency']}`."
            )
    return items


# Prorations


def _prorations(
    world: StripeWorld, subscription: Object, items: list[Object], date: int, restart: bool
) -> list[Line]:
    """Credits for what ends and charges for what begins in the middle of a period. What starts
    again is credited whole, and charged by a new period.
    """
    identifier = subscription["id"]
    new = {item["id"]: item for item in items}
    old = {item["id"]: item for item in items_of(subscription)}
    credits_, charges = [], []
    for item in old.values():
        if restart or not _same(item, new.get(item["id"])):
            credits_.append(unused_time(world, identifier, item, date))
    for item in new.values():
        if not restart and not _same(item, old.get(item["id"])):
            charges.append(remaining_time(world, identifier, item, date))
    return credits_ + charges


def _same(one: Object, other: Object | None) -> bool:
    return (
        other is not None
        and one["price"]["id"] == other["price"]["id"]
        and one["quantity"] == other["quantity"]
    )


# A new cycle


def _restart(subscription: Object, items: list[Object], params: Params, at: int) -> Object | None:
    """The new anchor and trial, if the change begins a new period now."""
    trial_end = params.get("trial_end")
    if isinstance(trial_end, int):
        return _new_trial(subscription, trial_end, at)
    ends_trial = trial_end == "now" and subscription["status"] == "trialing"
    old = items_of(subscription)[0]["price"]["recurring"]
    anchor = (params.get("billing_cycle_anchor") or {}).get("type")
    if not ends_trial and anchor != "now" and same_rhythm(old, items[0]["price"]["recurring"]):
        return None
    ended = {"trial_end": at, "status": "active"} if ends_trial else {}
    return {"billing_cycle_anchor": at} | ended


def _new_trial(subscription: Object, trial_end: int, at: int) -> Object:
    if trial_end <= at:
        raise StripeError("`trial_end` must be in the future.", param="trial_end")
    start = subscription["trial_start"] if subscription["status"] == "trialing" else at
    return {
        "billing_cycle_anchor": trial_end,
        "trial_start": start,
        "trial_end": trial_end,
        "status": "trialing",
    }


def _started_again(
    world: StripeWorld, subscription: Object, items: list[Object], restart: Object, at: int
) -> tuple[list[Object], list[Line]]:
    on_trial = restart.get("status") == "trialing"
    recurring = items[0]["price"]["recurring"]
    end = restart["trial_end"] if on_trial else next_boundary(at, recurring, at)
    items = [item | {"current_period_start": at, "current_period_end": end} for item in items]
    lines = trial_lines if on_trial else period_lines
    return items, lines(world, subscription["id"], items, at, end)
