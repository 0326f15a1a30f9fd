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
    """Of discounts with their coupons: `{percent_off, amount_off, until}`, in the order in which
    they are taken off. `amount_off` in minor units, `until` in ISO 8601; null is for ever.
    """
    return [_discount(each) for each in said if isinstance(each, dict)]


def _discount(said: Answer) -> Discount:
    coupon, until = said["source"]["coupon"], moment(said.get("end"))
    known = coupon if isinstance(coupon, dict) else {}
    kept = {name: known.get(name) for name in ("percent_off", "amount_off")}
    return kept | {"until": until.isoformat() if until else None}


def after_discounts(
    amount: int, subscription: Subscription, account: BillingAccount, at: datetime | None
) -> int:
    """What is left of an amount that is charged at that time. As Stripe has it, the customer's
    discount is for subscriptions that have none of their own.
    """
    own = [each for each in subscription.discounts if _is_in_force(each, at)]
    for each in own or account.discounts:
        if _is_in_force(each, at):
            share = amount * Decimal(str(each["percent_off"] or 0)) / 100
            amount -= int(share.quantize(Decimal(1), ROUND_HALF_UP))
            amount = max(0, amount - (each["amount_off"] or 0))
    return amount


def _is_in_force(discount: Discount, at: datetime | None) -> bool:
    until = discount["until"]
    return not (until and at) or datetime.fromisoformat(until) > at


def in_short(discounts: Iterable[Discount], currency: str) -> str:
    """For staff: `25 %, 5.00 until 1 March 2027`."""
    return ", ".join(_in_short(each, currency) for each in discounts)


def _in_short(discount: Discount, currency: str) -> str:
    percent, amount, until = (discount[name] for name in ("percent_off", "amount_off", "until"))
    off = f"{percent:g} %" if percent else in_words(amount or 0, currency)
    return f"{off} until {day(datetime.fromisoformat(until))}" if until else off
