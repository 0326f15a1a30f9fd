"""Who pays, as Stripe knows them."""

from collections.abc import Callable
from typing import Any, Protocol

import structlog

from billing import stripe_api
from billing.errors import StripeGone, StripeRefused, StripeSilent
from billing.models import BillingAccount
from billing.stripe_api import Answer

logger = structlog.get_logger(__name__)

EXPAND = ["invoice_settings.default_payment_method", "tax_ids"]


class Asking(Protocol):
    """An attempt at an operation, as `running.Run` is."""

    account: BillingAccount

    @property
    def is_old(self) -> bool: ...

    def once(self, step: str, question: Callable[[Any, Any], Any]) -> Answer: ...

    def write_account(self, **values: Any) -> None: ...


def ensure_customer(run: Asking) -> str:
    """The id of the account's customer, who is made now if there is none."""
    account = run.account
    if account.customer_id:
        return account.customer_id
    customer = (run.is_old and _left_behind(account)) or run.once("customer", _creation(account))
    run.write_account(customer_id=customer["id"], is_live=customer["livemode"])
    return account.customer_id


def _creation(account: BillingAccount) -> Callable[[Any, Any], Any]:
    told = {"email": account.email, "name": account.name, "address": account.address}
    params = {name: value for name, value in told.items() if value}
    params["metadata"] = {"account": str(account.pk)}
    return lambda v1, options: v1.customers.create(params, options)


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


def details_in(customer: Answer) -> dict[str, Any]:
    """The columns of an account that a customer decides."""
    details = {
        "email": customer.get("email") or "",
        "name": customer.get("name") or "",
        "address": customer.get("address") or {},
        "tax_ids": [_tax_id(each) for each in (customer.get("tax_ids") or {}).get("data", [])],
        # Stripe says what the customer owes, and less than nothing is what we owe.
        "credit": -(customer.get("balance") or 0),
        "is_live": customer["livemode"],
    }
    if customer.get("currency"):
        details["currency"] = customer["currency"]
    return details


def card_in(method: Answer | str | None) -> dict[str, Any]:
    """What is shown of a card, and how it is told apart from others; empty for anything else."""
    card = method.get("card") if isinstance(method, dict) else None
    names = ("brand", "last4", "exp_month", "exp_year", "fingerprint")
    return {name: card.get(name) for name in names} if card else {}


def _tax_id(each: Answer) -> dict[str, Any]:
    verification = each.get("verification") or {}
    kept = {name: each[name] for name in ("id", "type", "value")}
    return kept | {"status": verification.get("status") or ""}
