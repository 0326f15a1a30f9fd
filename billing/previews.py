"""What Stripe says a change would cost, with nothing done."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from billing.models import CatalogPrice, Subscription
from billing.stripe_api import Answer, ask
from billing.words import title_of


@dataclass(frozen=True)
class Preview:
    """`at` is the second that it was computed for, by Stripe's clock. Amounts in minor units;
    `amount_due` is what the card would be charged, after credit; `carried_over` is too little for
    that, and comes with the next invoice. `lines` are `{text, amount}`.
    """

    at: int
    price_before: str
    subtotal: int
    tax: int
    total: int
    amount_due: int
    carried_over: int
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
    said = ask(lambda v1: v1.invoices.create_preview(params))
    return _read(said, price, subscription.item_id)


def resumption_of(subscription: Subscription, price: CatalogPrice) -> Preview:
    """A new period, from now, of what is paused at that price."""
    params = {
        "subscription": subscription.stripe_id,
        "subscription_details": {"resume_at": "now"},
    }
    said = ask(lambda v1: v1.invoices.create_preview(params))
    return replace(_read(said, price, subscription.item_id), price_before=price.price_id)


def _read(invoice: Answer, price: CatalogPrice, item: str) -> Preview:
    """Stripe also bills what waited for the next invoice: what staff put there, and what an earlier
    change left. It is shown, and says nothing of this change.
    """
    lines = invoice["lines"]["data"]
    details = invoice["parent"]["subscription_details"]
    # Where nothing is prorated, what is new begins last.
    starts = [each["period"]["start"] for each in lines if _is_of(each, item)]
    at = details.get("subscription_proration_date") or max(starts)
    names = _names_of(lines)
    change = [each for each in lines if _is_of(each, item) and each["period"]["start"] >= at]
    before = [_price_of(each) for each in change if _price_of(each) != price.price_id]
    return Preview(
        at=at,
        price_before=before[0] if before else "",
        subtotal=invoice["subtotal"],
        tax=sum(each["amount"] for each in invoice.get("total_taxes") or []),
        total=invoice["total"],
        amount_due=invoice["amount_due"],
        carried_over=_carried_over(invoice),
        lines=[_shown(each, names, is_new=each in change) for each in lines] + _taken_off(invoice),
        next_at=datetime.fromtimestamp(
            max((each["period"]["end"] for each in change), default=at), UTC
        ),
    )


def _carried_over(invoice: Answer) -> int:
    """Nothing where credit pays all of it: a balance below zero is what we owe."""
    left = invoice["total"] + (invoice.get("starting_balance") or 0)
    return max(0, left) if invoice["total"] > 0 and not invoice["amount_due"] else 0


def _taken_off(invoice: Answer) -> list[dict[str, Any]]:
    off = sum(each["amount"] for each in invoice.get("total_discount_amounts") or [])
    return [{"text": "Your discount", "amount": -off}] if off else []


def _names_of(lines: list[Answer]) -> dict[str, CatalogPrice]:
    known = CatalogPrice.objects.filter(price_id__in={_price_of(each) for each in lines})
    return {each.price_id: each for each in known}


def _is_of(line: Answer, item: str) -> bool:
    details = (line.get("parent") or {}).get("subscription_item_details") or {}
    return details.get("subscription_item") == item


def _shown(line: Answer, names: dict[str, CatalogPrice], *, is_new: bool) -> dict[str, Any]:
    text = _in_words(line, names.get(_price_of(line)))
    waited = "" if is_new else ", which waited for your next invoice"
    return {"text": f"{text}{waited}", "amount": line["amount"]}


def _price_of(line: Answer) -> str:
    return str(((line.get("pricing") or {}).get("price_details") or {}).get("price", ""))


def _in_words(line: Answer, price: CatalogPrice | None) -> str:
    """Stripe's own words for what is none of ours."""
    if price is None:
        return str(line["description"])
    start, end = (datetime.fromtimestamp(line["period"][each], UTC) for each in ("start", "end"))
    days = f"{start:%-d %B} to {end:%-d %B %Y}"
    return f"{title_of(price)}, {days}" + (", not used" if line["amount"] < 0 else "")
