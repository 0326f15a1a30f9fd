"""An invoice of lines, with its totals: the one place that adds up, for a preview and for good."""

from dataclasses import dataclass
from typing import Any

from sandbox.stripe.world import Object, StripeWorld

from .discounts import in_force
from .lines import Line, pricing
from .totals import (
    Taxation,
    behavior_of,
    discounted,
    due,
    tax_on,
    taxation_of,
)

# What is there and says nothing, unless somebody fills it.
_EMPTY = (
    "account_tax_ids",
    "application",
    "automatically_finalizes_at",
    "custom_fields",
    "default_source",
    "description",
    "due_date",
    "effective_at",
    "ending_balance",
    "footer",
    "from_invoice",
    "hosted_invoice_url",
    "invoice_pdf",
    "last_finalization_error",
    "latest_revision",
    "next_payment_attempt",
    "number",
    "on_behalf_of",
    "receipt_number",
    "rendering",
    "shipping_cost",
    "shipping_details",
    "statement_descriptor",
    "test_clock",
    "threshold_reason",
)


@dataclass(frozen=True)
class Draft:
    """What an invoice is made of. `reason` is Stripe's `billing_reason`."""

    customer: Object
    subscription: Object
    lines: list[Line]
    reason: str
    at: int
    proration_date: int | None = None
    period: tuple[int, int] | None = None


def invoice_of(world: StripeWorld, draft: Draft) -> Object:
    """Not kept yet: previews never are."""
    customer, subscription = draft.customer, draft.subscription
    invoice = _bare(draft) | _about_customer(world, customer) | _about_subscription(draft)
    invoice["id"] = world.new_id("in")
    _add_up(world, invoice, draft)
    start, end = draft.period or (draft.at, draft.at)
    invoice["period_start"], invoice["period_end"] = start, end
    invoice["currency"] = subscription["currency"]
    owe(invoice, customer)
    return invoice


def owe(invoice: Object, customer: Object) -> int:
    """Set what is due with the customer's balance as it is; says what it will be then."""
    settled = due(invoice["total"], customer.get("balance", 0))
    invoice.update(
        starting_balance=customer.get("balance", 0),
        amount_due=settled.amount,
        amount_remaining=settled.amount,
    )
    return settled.balance


def _add_up(world: StripeWorld, invoice: Object, draft: Draft) -> None:
    discounts = in_force(world, draft.customer, draft.subscription, draft.at)
    lines = []
    for line, taken in zip(draft.lines, discounted(world, draft.lines, discounts), strict=True):
        off = {each["id"]: part for each, part in zip(discounts, taken, strict=True)}
        lines.append(_line(world, invoice, line, off))
    taken_off = {
        each["id"]: sum(_taken_off(line, each["id"]) for line in lines) for each in discounts
    }
    invoice.update(
        automatic_tax=_automatic_tax(draft.subscription["automatic_tax"]["enabled"]),
        lines=_lines(invoice, lines),
        discounts=[each["id"] for each in discounts],
        subtotal=sum(line["amount"] for line in lines),
        total_discount_amounts=_amounts(taken_off),
        total_pretax_credit_amounts=_pretax(taken_off),
    )
    add_tax(world, invoice, draft.customer)


def add_tax(world: StripeWorld, invoice: Object, customer: Object) -> None:
    """To the lines as they are, and up to the total. Also for a draft, once it is known where
    its customer is.
    """
    taxation = taxation_of(world, customer) if invoice["automatic_tax"]["enabled"] else None
    if taxation:
        known = taxation.percent is not None
        invoice["automatic_tax"]["status"] = "complete" if known else "requires_location_inputs"
    lines = invoice["lines"]["data"]
    for line in lines:
        line["taxes"] = _taxes(world, line, taxation)
    taxes = _together([tax for line in lines for tax in line["taxes"]])
    on_top = sum(each["amount"] for each in taxes if each["tax_behavior"] == "exclusive")
    within = sum(each["amount"] for each in taxes) - on_top
    net = invoice["subtotal"] - sum(each["amount"] for each in invoice["total_discount_amounts"])
    invoice.update(
        subtotal_excluding_tax=invoice["subtotal"] - within,
        total=net + on_top,
        total_excluding_tax=net - within,
        total_taxes=taxes,
    )


def _line(world: StripeWorld, invoice: Object, line: Line, off: dict[str, int]) -> Object:
    return {
        "id": world.new_id("il"),
        "object": "line_item",
        "amount": line.amount,
        "currency": line.price["currency"],
        "description": line.description,
        "discount_amounts": _amounts(off),
        "discountable": not line.proration,
        "discounts": [],
        "invoice": invoice["id"],
        "livemode": False,
        "metadata": {},
        "parent": _parent(line),
        "period": {"start": line.start, "end": line.end},
        "pretax_credit_amounts": _pretax(off),
        "pricing": pricing(line.price),
        "quantity": line.quantity,
        "quantity_decimal": str(line.quantity),
        "subscription": line.subscription,
        "subtotal": line.amount,
        "taxes": [],
    }


def _parent(line: Line) -> Object:
    details: Object = {
        "invoice_item": line.invoice_item,
        "proration": line.proration,
        "proration_details": {"credited_items": None},
        "subscription": line.subscription,
    }
    if line.item is None:
        kind, other = "invoice_item_details", "subscription_item_details"
    else:
        kind, other = "subscription_item_details", "invoice_item_details"
        details["subscription_item"] = line.item
    return {kind: details, other: None, "type": kind}


def _taken_off(line: Object, discount: str) -> int:
    return sum(each["amount"] for each in line["discount_amounts"] if each["discount"] == discount)


def _lines(invoice: Object, lines: list[Object]) -> Object:
    return {
        "object": "list",
        "data": lines,
        "has_more": False,
        "url": f"/v1/invoices/{invoice['id']}/lines",
    }


def _amounts(off: dict[str, int]) -> list[Object]:
    return [{"amount": part, "discount": each} for each, part in off.items()]


def _pretax(off: dict[str, int]) -> list[Object]:
    return [{"amount": part, "discount": each, "type": "discount"} for each, part in off.items()]


def _taxes(world: StripeWorld, line: Object, taxation: Taxation | None) -> list[Object]:
    if taxation is None or taxation.percent is None:
        return []
    behavior = behavior_of(world.get("price", line["pricing"]["price_details"]["price"]))
    amount = line["amount"] - sum(each["amount"] for each in line["discount_amounts"])
    tax = tax_on(amount, taxation, behavior)
    return [
        {
            "amount": tax,
            "tax_behavior": behavior,
            "tax_rate_details": {"tax_rate": f"txr_{taxation.reason}"},
            "taxability_reason": taxation.reason,
            "taxable_amount": amount - tax if behavior == "inclusive" else amount,
            "type": "tax_rate_details",
        }
    ]


def _together(taxes: list[Object]) -> list[Object]:
    """One row for each kind of tax, as the invoice shows them."""
    rows: dict[tuple[str, str], Object] = {}
    for each in taxes:
        kind = each["tax_behavior"], each["taxability_reason"]
        row = rows.setdefault(kind, each | {"amount": 0, "taxable_amount": 0})
        row["amount"] += each["amount"]
        row["taxable_amount"] += each["taxable_amount"]
    return list(rows.values())


def _automatic_tax(enabled: bool) -> Object:
    return {
        "disabled_reason": None,
        "enabled": enabled,
        "liability": {"type": "self"} if enabled else None,
        "provider": "stripe" if enabled else None,
        "status": None,
    }


# What does not depend on the lines


def _about_customer(world: StripeWorld, customer: Object) -> Object:
    tax_ids = world.all("tax_id", customer=customer["id"])
    return {
        "customer": customer["id"],
        "customer_account": None,
        "customer_address": customer.get("address"),
        "customer_email": customer.get("email"),
        "customer_name": customer.get("name"),
        "customer_phone": customer.get("phone"),
        "customer_shipping": customer.get("shipping"),
        "customer_tax_exempt": customer.get("tax_exempt", "none"),
        "customer_tax_ids": [{"type": each["type"], "value": each["value"]} for each in tax_ids],
    }


def _about_subscription(draft: Draft) -> Object:
    subscription = draft.subscription
    details: dict[str, Any] = {
        "metadata": dict(subscription["metadata"]),
        "subscription": subscription["id"],
    }
    if draft.proration_date is not None:
        details["subscription_proration_date"] = draft.proration_date
    return {
        "collection_method": subscription["collection_method"],
        "default_payment_method": None,
        "parent": {
            "quote_details": None,
            "subscription_details": details,
            "type": "subscription_details",
        },
    }


def _bare(draft: Draft) -> Object:
    return {
        **dict.fromkeys(_EMPTY),
        "object": "invoice",
        "account_country": "IE",
        "account_name": "Mooring",
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "billing_reason": draft.reason,
        "created": draft.at,
        "default_tax_rates": [],
        "issuer": {"type": "self"},
        "livemode": False,
        "metadata": {},
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "webhooks_delivered_at": draft.at,
    }
