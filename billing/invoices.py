"""Invoices: what was billed, paid and given back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog

from billing import stripe_api
from billing.errors import StripeGone
from billing.models import BillingAccount, Invoice
from billing.stripe_api import Answer, identifier, moment

logger = structlog.get_logger(__name__)

# Two years by the month.
LATEST = 24
UNSETTLED = ("draft", "open")
_WITH_PAYMENTS = {"expand": ["payments"]}
_WITH_INTENTS = {"expand": ["payments.data.payment.payment_intent"]}


def fetch_invoices(account: BillingAccount) -> list[Answer]:
    """The latest, and older ones that were not settled when we last asked."""
    params = {"customer": account.customer_id, "limit": LATEST, "expand": ["data.payments"]}
    found = {each["id"]: each for each in _listed(params)} if account.customer_id else {}
    ours = Invoice.objects.filter(account=account, status__in=UNSETTLED)
    for stripe_id in ours.exclude(stripe_id__in=found).values_list("stripe_id", flat=True):
        found[stripe_id] = _fetch(stripe_id, _WITH_PAYMENTS)
    for each in found.values():
        if each["status"] == "open" and each.get("attempted"):
            each["needs_authentication"] = _needs_authentication(each["id"])
    return list(found.values())


def fetch_refunds(customer_id: str) -> dict[str, int]:
    """What was given back, by the payment intent that had taken it. The latest hundred."""
    if not customer_id:
        return {}
    params = {"customer": customer_id, "limit": 100}
    try:
        charges = stripe_api.ask(lambda v1: v1.charges.list(params))["data"]
    except StripeGone:
        return {}
    refunds: dict[str, int] = {}
    for charge in charges:
        intent = identifier(charge.get("payment_intent"))
        refunds[intent] = refunds.get(intent, 0) + charge.get("amount_refunded", 0)
    return refunds


def _listed(params: dict[str, Any]) -> list[Answer]:
    try:
        return list(stripe_api.ask(lambda v1: v1.invoices.list(params))["data"])
    except StripeGone:
        return []


def _fetch(stripe_id: str, params: dict[str, Any]) -> Answer:
    """As it is now; one that is gone was a draft that somebody deleted."""
    try:
        return stripe_api.ask(lambda v1: v1.invoices.retrieve(stripe_id, params))
    except StripeGone:
        return {"id": stripe_id, "status": "deleted"}


def _needs_authentication(stripe_id: str) -> bool:
    found = _fetch(stripe_id, _WITH_INTENTS)
    intents = [each["payment"].get("payment_intent") for each in _payments(found)]
    return any(isinstance(i, dict) and i.get("status") == "requires_action" for i in intents)


def _payments(invoice: Answer) -> list[Answer]:
    return list((invoice.get("payments") or {}).get("data", []))


def intents_of(invoice: Answer) -> list[str]:
    """The payment intents that paid it, or were to."""
    return _intents(_payments(invoice))


def intents_that_paid(invoice: Answer) -> list[str]:
    return _intents(each for each in _payments(invoice) if each["status"] == "paid")


def _intents(payments: Iterable[Answer]) -> list[str]:
    found = [identifier(each["payment"].get("payment_intent")) for each in payments]
    return [intent for intent in found if intent]


def copy_invoices(account: BillingAccount, said: Iterable[Answer], refunds: dict[str, int]) -> None:
    """Write them down."""
    for each in said:
        if each["status"] == "deleted":
            Invoice.objects.filter(stripe_id=each["id"]).delete()
            continue
        refunded = sum(refunds.get(intent, 0) for intent in intents_of(each))
        values = {**_values(each), "account": account, "amount_refunded": refunded}
        Invoice.objects.update_or_create(stripe_id=each["id"], defaults=values)


def _values(said: Answer) -> dict[str, Any]:
    return {
        "number": said.get("number") or "",
        "status": said["status"] or "draft",
        "reason": said.get("billing_reason") or "",
        "total": said["total"],
        "amount_due": said["amount_due"],
        "amount_paid": said["amount_paid"],
        "currency": said["currency"],
        "created_at": moment(said["created"]),
        "due_at": moment(said.get("due_date")),
        "next_attempt_at": moment(said.get("next_payment_attempt")),
        "needs_authentication": said.get("needs_authentication", False),
        "flaw": ((said.get("last_finalization_error") or {}).get("code") or "")[:64],
    }


def unpaid_since(
    subscription: Answer, invoices: Iterable[Answer], known: datetime | None
) -> datetime | None:
    """When the oldest invoice fell due that a subscription still owes, by Stripe's own times.

    What was given up counts only as the latest one, or in a debt that began by then: it was
    `known` since. Otherwise somebody forgave it, and a later failure is another one.
    """
    ours = [each for each in invoices if subscription_of(each) == subscription["id"]]
    settled = max((each["created"] for each in ours if each["status"] == "paid"), default=0)
    latest = identifier(subscription.get("latest_invoice"))
    began = known.timestamp() if known else None
    owed = [
        _fell_due(each)
        for each in ours
        if each["created"] > settled
        and (each["status"] == "open" or _is_given_up(each, latest, began))
    ]
    return moment(min(owed, default=None))


def _is_given_up(invoice: Answer, latest: str, began: float | None) -> bool:
    is_of_debt = began is not None and _fell_due(invoice) >= began
    return invoice["status"] == "uncollectible" and (invoice["id"] == latest or is_of_debt)


def _fell_due(invoice: Answer) -> int:
    finalized = (invoice.get("status_transitions") or {}).get("finalized_at")
    return int(invoice.get("due_date") or finalized or invoice["created"])


def subscription_of(invoice: Answer) -> str:
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return identifier(details.get("subscription"))
