"""What Stripe says a change would cost, with nothing done."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from billing.models import CatalogPrice, Subscription
from billing.stripe_api import Answer, ask
from billing.words import title_of


@dataclass(frozen=True)
class Preview:
    """`at` is the second that it was computed for, by Stripe's clock. Amounts in minor units;
    `amount_due` is what the card would be charged, after credit. `lines` are `{text, amount}`.
    """

    at: int
    price_before: str
    subtotal: int
    tax: int
    total: int
    amount_due: int
    lines: list[dict[str, Any]]
    next_at: datetime


def preview_of(subscription: Subscription, price: CatalogPrice, *, at: int = 0) -> Preview:
    """An upgrade that is invoiced at once; for now, unless a second is named."""
    change: dict[str, Any] = {
        "items": [{"id": subscription.item_id, "price": price.price_id}],
        "proration_behavior": "always_invoice",
    }
    if at:
        change["proration_date"] = at
    params = {"subscription": subscription.stripe_id, "subscription_details": change}
    return _read(ask(lambda v1: v1.invoices.create_preview(params)), price)


def _read(invoice: Answer, price: CatalogPrice) -> Preview:
    lines = invoice["lines"]["data"]
    of_price = {each["pricing"]["price_details"]["price"] for each in lines if each.get("pricing")}
    names = {each.price_id: each for each in CatalogPrice.objects.filter(price_id__in=of_price)}
    before = [_price_of(each) for each in lines if _price_of(each) != price.price_id]
    return Preview(
        at=invoice["parent"]["subscription_details"]["subscription_proration_date"],
        price_before=before[0] if before else "",
        subtotal=invoice["subtotal"],
        tax=sum(each["amount"] for each in invoice.get("total_taxes") or []),
        total=invoice["total"],
        amount_due=invoice["amount_due"],
        lines=[
            {"text": _in_words(each, names.get(_price_of(each))), "amount": each["amount"]}
            for each in lines
        ],
        next_at=datetime.fromtimestamp(max(each["period"]["end"] for each in lines), UTC),
    )


def _price_of(line: Answer) -> str:
    return str(((line.get("pricing") or {}).get("price_details") or {}).get("price", ""))


def _in_words(line: Answer, price: CatalogPrice | None) -> str:
    """Stripe's own words for what is none of ours."""
    if price is None:
        return str(line["description"])
    start, end = (datetime.fromtimestamp(line["period"][each], UTC) for each in ("start", "end"))
    days = f"{start:%-d %B} to {end:%-d %B %Y}"
    return f"{title_of(price)}, {days}" + (", not used" if line["amount"] < 0 else "")
