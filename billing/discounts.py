"""What is taken off each charge of a subscription: coupons that last."""

from collections.abc import Iterable
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from billing.stripe_api import Answer, moment

Discount = dict[str, Any]


def discounts_in(said: Answer) -> list[Discount]:
    """Of a subscription with its coupons: `{percent_off, amount_off, until}`, in the order in which
    they are taken off. `amount_off` in minor units, `until` in ISO 8601; null is for ever.
    """
    return [_discount(each) for each in said.get("discounts") or [] if isinstance(each, dict)]


def _discount(said: Answer) -> Discount:
    coupon, until = said["source"]["coupon"], moment(said.get("end"))
    known = coupon if isinstance(coupon, dict) else {}
    kept = {name: known.get(name) for name in ("percent_off", "amount_off")}
    return kept | {"until": until.isoformat() if until else None}


def after_discounts(amount: int, discounts: Iterable[Discount], at: datetime | None) -> int:
    """What is left of an amount that is charged at that time."""
    for each in discounts:
        until = each["until"]
        if until and at and datetime.fromisoformat(until) <= at:
            continue
        share = amount * Decimal(str(each["percent_off"] or 0)) / 100
        amount -= int(share.quantize(Decimal(1), ROUND_HALF_UP))
        amount = max(0, amount - (each["amount_off"] or 0))
    return amount
