"""Who pays, as Stripe knows them."""

import uuid
from datetime import datetime
from typing import Any, Protocol

import structlog
from django.utils import timezone

from billing import stripe_api
from billing.discounts import discounts_in
from billing.errors import StripeGone, StripeRefused, StripeSilent
from billing.models import BillingAccount
from billing.stripe_api import Answer

logger = structlog.get_logger(__name__)

EXPAND = ["discount.source.coupon", "invoice_settings.default_payment_method", "tax_ids"]


class Asking(Protocol):
    """An attempt at an operation, as `running.Run` is."""

    account: BillingAccount

    def write_account(self, **values: Any) -> None: ...


def ensure_customer(run: Asking) -> str:
    """The id of the account's customer, who is made now if there is none."""
    account = run.account
    if account.customer_id:
        return account.customer_id
    if not account.customer_asked:
        run.write_account(customer_asked=_asked_now(account))
    asked = account.customer_asked
    is_old = timezone.now() - datetime.fromisoformat(asked["at"]) > stripe_api.KEYS_LAST
    may_be_there = is_old or asked.get("errors")
    try:
        customer = (may_be_there and _left_behind(account)) or _create(asked)
    except StripeSilent as silence:
        if silence.is_kept:
            run.write_account(customer_asked=_with_another_key(account, asked))
        raise
    made = {"customer_id": customer["id"], "is_live": customer["livemode"]}
    run.write_account(**made, customer_asked={})
    return account.customer_id


def _asked_now(account: BillingAccount) -> dict[str, Any]:
    """The key is the account's and not the operation's: one that died may have made the customer
    that the next one asks for. It is a new one each time, since customers may be deleted.
    """
    told = {"email": account.email, "name": account.name, "address": account.address}
    params: dict[str, Any] = {name: value for name, value in told.items() if value}
    params["metadata"] = {"account": str(account.pk)}
    return {"key": _key(account), "params": params, "at": timezone.now().isoformat()}


def _with_another_key(account: BillingAccount, asked: dict[str, Any]) -> dict[str, Any]:
    """After an error, which would be the answer to the old one for a day."""
    return {**asked, "key": _key(account), "errors": asked.get("errors", 0) + 1}


def _key(account: BillingAccount) -> str:
    return f"{account.pk}-customer-{uuid.uuid4()}"


def _create(asked: dict[str, Any]) -> Answer:
    options = stripe_api.options(asked["key"])
    return stripe_api.ask(lambda v1: v1.customers.create(asked["params"], options))


def _left_behind(account: BillingAccount) -> Answer | None:
    """Made by an attempt whose end nobody saw, and too long ago for its key to be remembered."""
    if not account.email:
        return None
    same = stripe_api.every(lambda v1: v1.customers.list({"email": account.email, "limit": 100}))
    return next((each for each in same if _named_in(each) == str(account.pk)), None)


def _named_in(customer: Answer) -> str:
    """Our account, as Stripe was told when the customer was made."""
    return str((customer.get("metadata") or {}).get("account", ""))


def fetch_customer(customer_id: str) -> Answer | None:
    """The customer as it is now; None for one that was deleted."""
    try:
        found = stripe_api.ask(lambda v1: v1.customers.retrieve(customer_id, {"expand": EXPAND}))
    except StripeGone as gone:
        # Stripe knows a deleted one for ever: this key is of an account that never had it.
        logger.error("stripe_customer_unknown", customer=customer_id)
        raise StripeSilent from gone
    except StripeRefused:
        # Of one that was deleted there is nothing left to expand.
        found = stripe_api.ask(lambda v1: v1.customers.retrieve(customer_id))
        if not found.get("deleted"):
            raise
    return None if found.get("deleted") else found


def insist_on_its_key(account: BillingAccount) -> None:
    """Before what is gone is taken for done. Raises StripeSilent where our key is of an account at
    Stripe that the customer is not in: nothing of it would be found.
    """
    if account.customer_id:
        fetch_customer(account.customer_id)


def details_in(customer: Answer) -> dict[str, Any]:
    """The columns of an account that a customer decides."""
    details = {
        "email": customer.get("email") or "",
        "name": customer.get("name") or "",
        "address": customer.get("address") or {},
        "tax_ids": [_tax_id(each) for each in (customer.get("tax_ids") or {}).get("data", [])],
        # Stripe says what the customer owes, and less than nothing is what we owe.
        "credit": -(customer.get("balance") or 0),
        "discounts": discounts_in([customer.get("discount")]),
        "is_live": customer["livemode"],
    }
    if customer.get("currency"):
        details["currency"] = customer["currency"]
    return details


def card_in(method: Answer | str | None) -> dict[str, Any]:
    """What is shown of a card, and how it is told apart from others. What else may pay, such as
    Link, is as good as one, and has its kind for a brand. Empty for none.
    """
    if not isinstance(method, dict):
        return {}
    kind = method.get("type") or "card"
    known = method.get(kind) or {}
    names = ("last4", "exp_month", "exp_year", "fingerprint")
    return {"brand": known.get("brand") or kind} | {name: known.get(name) for name in names}


def _tax_id(each: Answer) -> dict[str, Any]:
    verification = each.get("verification") or {}
    kept = {name: each[name] for name in ("id", "type", "value")}
    return kept | {"status": verification.get("status") or ""}
