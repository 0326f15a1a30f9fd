"""Subscriptions: which of them is the account's, and our copy of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from billing import stripe_api
from billing.discounts import discounts_in
from billing.entitlements import KNOWN_STATUSES
from billing.errors import StripeGone
from billing.models import BillingAccount, CatalogPrice, Plan, Subscription
from billing.stripe_api import Answer, identifier, moment

logger = structlog.get_logger(__name__)

EXPAND = ["data.default_payment_method", "data.schedule", "data.discounts.source.coupon"]


@dataclass(frozen=True)
class Sorted:
    """The one that counts, those that are over, and those that were bought besides."""

    kept: Answer | None
    ended: list[Answer]
    surplus: list[Answer]


def fetch_subscriptions(customer_id: str) -> list[Answer]:
    """All there ever were."""
    params = {"customer": customer_id, "status": "all", "limit": 100, "expand": EXPAND}
    try:
        return list(stripe_api.every(lambda v1: v1.subscriptions.list(params)))
    except StripeGone:
        return []


def sort_out(subscriptions: Iterable[Answer], given_back: set[str]) -> Sorted:
    """The first purchase stays. One that was never paid counts less than one that was, and one
    that is being given back already is not chosen again.
    """
    them = list(subscriptions)
    ended = [each for each in them if each["status"] in Subscription.ENDED]
    live = [each for each in them if each["status"] not in Subscription.ENDED]
    live.sort(
        key=lambda each: (
            each["id"] in given_back,
            each["status"] == "incomplete",
            each["created"],
            each["id"],
        )
    )
    return Sorted(live[0] if live else None, ended, live[1:])


@dataclass(frozen=True)
class Sold:
    """What a price of Stripe's is in our catalogue."""

    plan: str
    loc_limit: int
    lookup_key: str


def copy_subscription(account: BillingAccount, said: Answer, *, now: datetime, **more: Any) -> bool:
    """Write one down. Whether what it gives has changed."""
    before = Subscription.objects.filter(stripe_id=said["id"]).first()
    values = {**_values(said, before), **more, "account": account, "synced_at": now}
    after, _ = Subscription.objects.update_or_create(stripe_id=said["id"], defaults=values)
    return before is None or _gist(before) != _gist(after)


def differs(account: BillingAccount, said: Answer) -> bool:
    """Whether writing one down, expanded by EXPAND, would change anything."""
    before = Subscription.objects.filter(stripe_id=said["id"], account=account).first()
    if before is None:
        return True
    return any(getattr(before, name) != value for name, value in _values(said, before).items())


def _gist(subscription: Subscription) -> tuple[object, ...]:
    return subscription.status, subscription.plan, subscription.loc_limit, subscription.cancels_at


def _values(said: Answer, before: Subscription | None) -> dict[str, Any]:
    item, sold = _main_item(said)
    price = item["price"]
    return {
        **_status(said, before),
        **_what_is_sold(said, price, sold, before),
        **_pending(said),
        **_planned(said),
        "interval": (price.get("recurring") or {}).get("interval", ""),
        "currency": said.get("currency") or price["currency"],
        "amount": (price.get("unit_amount") or 0) * (item.get("quantity") or 1),
        "discounts": discounts_in(said.get("discounts") or []),
        "price_id": price["id"],
        "item_id": item["id"],
        "created_at": moment(said["created"]),
        "period_start": moment(item.get("current_period_start")),
        "period_end": moment(item.get("current_period_end")),
        "trial_end": moment(said.get("trial_end")),
        "cancels_at": _cancels_at(said, item),
        "ended_at": moment(said.get("ended_at")),
        "is_sent_as_invoice": said.get("collection_method") == "send_invoice",
        "latest_invoice_id": identifier(said.get("latest_invoice")),
    }


def _main_item(said: Answer) -> tuple[Answer, Sold | None]:
    """The item that is of our catalogue, else the first one."""
    items = said["items"]["data"]
    for item in items:
        if sold := _sold_as(item["price"]["id"]):
            return item, sold
    return items[0], None


def _sold_as(price_id: str) -> Sold | None:
    row = CatalogPrice.objects.filter(price_id=price_id).first()
    return Sold(row.plan, row.loc_limit, row.lookup_key) if row else None


def _status(said: Answer, before: Subscription | None) -> dict[str, Any]:
    status = said["status"]
    if status in KNOWN_STATUSES:
        return {"status": status, "known_status": status}
    logger.error("stripe_status_unknown", subscription=said["id"], status=status)
    return {"status": status, "known_status": before.known_status if before else ""}


def _what_is_sold(
    said: Answer, price: Answer, sold: Sold | None, before: Subscription | None
) -> dict[str, Any]:
    """What staff wrote on an Enterprise contract goes first, then our catalogue, then what the
    price says of itself.
    """
    lookup_key = sold.lookup_key if sold else price.get("lookup_key") or ""
    contract, ours = said.get("metadata") or {}, price.get("metadata") or {}
    plan = contract.get("plan") or (sold.plan if sold else ours.get("plan"))
    limit = contract.get("loc_limit") or (sold.loc_limit if sold else ours.get("loc_limit"))
    if plan in Plan.values and str(limit).isdecimal():
        return {"plan": plan, "loc_limit": int(str(limit)), "lookup_key": lookup_key}
    logger.error("stripe_price_unknown", subscription=said["id"], price=price["id"])
    if before:
        return {"plan": before.plan, "loc_limit": before.loc_limit, "lookup_key": lookup_key}
    return {"plan": Plan.FREE, "loc_limit": 0, "lookup_key": lookup_key}


def _pending(said: Answer) -> dict[str, Any]:
    """A change that waits for its payment."""
    pending = said.get("pending_update") or {}
    prices = [each["price"] for each in pending.get("subscription_items") or []]
    return {
        "pending_until": moment(pending.get("expires_at")),
        "pending_lookup_key": _key_of(prices[0]) if prices else "",
    }


def _planned(said: Answer) -> dict[str, Any]:
    """A change at the end of the period: the phase that comes next."""
    schedule = said.get("schedule")
    known = schedule if isinstance(schedule, dict) else {}
    current = (known.get("current_phase") or {}).get("end_date")
    coming = [each for each in known.get("phases", []) if current and each["start_date"] >= current]
    now_paid = said["items"]["data"][0]["price"]["id"]
    for phase in coming:
        price = phase["items"][0]["price"]
        if identifier(price) != now_paid:
            at = moment(phase["start_date"])
            break
    else:
        price, at = None, None
    return {
        "schedule_id": identifier(schedule),
        "next_lookup_key": _key_of(price) if price else "",
        "next_at": at,
    }


def _key_of(price: Answer | str) -> str:
    """Its lookup key; its id where it has none that we know."""
    if isinstance(price, dict) and price.get("lookup_key"):
        return str(price["lookup_key"])
    sold = _sold_as(identifier(price))
    return sold.lookup_key if sold else identifier(price)


def _cancels_at(said: Answer, item: Answer) -> datetime | None:
    if said.get("cancel_at"):
        return moment(said["cancel_at"])
    return moment(item.get("current_period_end")) if said.get("cancel_at_period_end") else None
