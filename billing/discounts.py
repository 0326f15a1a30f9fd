"""What is taken off each charge of a subscription: coupons that last, its own or its customer's."""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from billing.models import BillingAccount, Subscription
from billing.money import in_words
from billing.stripe_api import Answer, moment
from billing.words import day

Discount = dict[str, Any]


def discounts_in(said: Iterable[Any]) -> list[Discount]:
    """Of discounts with their coupons: `{percent_off, amount_off, is_once, until}`, in the order in
    which they are taken off. `amount_off` in minor units, `until` in ISO 8601; null is for ever,
    or until the next invoice for what is taken off once.
    """
    return [_discount(each) for each in said if isinstance(each, dict)]


def _discount(said: Answer) -> Discount:
    coupon, until = said["source"]["coupon"], moment(said.get("end"))
    known = coupon if isinstance(coupon, dict) else {}
    kept = {name: known.get(name) for name in ("percent_off", "amount_off")}
    is_once = known.get("duration") == "once"
    return kept | {"is_once": is_once, "until": until.isoformat() if until else None}


def after_discounts(
    amount: int,
    subscription: Subscription,
    account: BillingAccount,
    at: datetime | None,
    *,
    once: bool = True,
) -> int:
    """What is left of an amount that is charged at that time; with what is taken off `once` where
    no other invoice comes before. As Stripe has it, the customer's discount is for subscriptions
    that have none of their own.
    """
    own = _in_force(subscription.discounts, at, once=once)
    for each in own or _in_force(account.discounts, at, once=once):
        share = amount * Decimal(str(each["percent_off"] or 0)) / 100
        amount -= int(share.quantize(Decimal(1), ROUND_HALF_UP))
        amount = max(0, amount - (each["amount_off"] or 0))
    return amount


def _in_force(discounts: Iterable[Discount], at: datetime | None, *, once: bool) -> list[Discount]:
    wanted = (each for each in discounts if once or not each.get("is_once"))
    return [each for each in wanted if _lasts(each["until"], at)]


def _lasts(until: str | None, at: datetime | None) -> bool:
    return not (until and at) or datetime.fromisoformat(until) > at


def in_short(discounts: Iterable[Discount], currency: str) -> str:
    """For staff: `25 %, 5.00 until 1 March 2027`."""
    return ", ".join(_in_short(each, currency) for each in discounts)


def _in_short(discount: Discount, currency: str) -> str:
    percent, amount, until = (discount[name] for name in ("percent_off", "amount_off", "until"))
    off = f"{percent:g} %" if percent else in_words(amount or 0, currency)
    if until:
        return f"{off} until {day(datetime.fromisoformat(until))}"
    return f"{off} once" if discount.get("is_once") else off
