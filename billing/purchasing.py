"""Buying: a checkout at Stripe, opened for one account, followed and ended."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.utils import timezone

from billing import stripe_api
from billing.addresses import forget_addresses_of
from billing.catalogue import catalogue
from billing.customers import ensure_customer
from billing.errors import (
    CheckoutLate,
    CheckoutRefused,
    PriceNotSold,
    StripeGone,
    StripeRefused,
    SubscribedAlready,
)
from billing.models import BillingAccount, CatalogPrice, Operation
from billing.prices import price_named
from billing.running import OURS_TO_MEND, Run, performs
from billing.stripe_api import Answer
from billing.syncing import sync_account
from billing.turns import still_ours

logger = structlog.get_logger(__name__)

CHECKOUT_LASTS = timedelta(hours=1)
# Stripe opens none that would end sooner.
SHORTEST = timedelta(minutes=30)
# Beside the button at Stripe, since only the card tells.
ONE_A_CARD = (
    "There is one trial for each organization and each card. If this card has had a trial with "
    "another organization, nothing is charged: the trial ends at once, and you choose again."
)
GONE, OPEN, PAID = "expired", "open", "complete"


@performs(Operation.Kind.CHECKOUT)
def open_checkout(run: Run) -> None:
    """The customer once, then a checkout, after the one before has ended."""
    refuse_if_bought(run)
    price = price_named(run.operation.params["lookup_key"])
    now = _compare(run, price)
    ensure_customer(run)
    session = _session(run, price, now)
    # By our own clock, should theirs be another one.
    left = datetime.fromisoformat(run.made("expires")) - now
    with still_ours(run.account):
        run.write_account(checkout_id=session["id"], checkout_expires_at=timezone.now() + left)
        run.write(url=session["url"] or "")


def refuse_if_bought(run: Run) -> None:
    """Nobody pays twice: not while an earlier checkout can still be paid, nor after one was."""
    account = run.account
    if run.made("session") != account.checkout_id:
        close_checkout(account)
    if run.is_old:
        sync_account(account)
    if account.subscriptions.live().exists():
        raise SubscribedAlready


def close_checkout(account: BillingAccount) -> str:
    """End the open checkout, so that nobody can pay it any more. Returns how it stands then.

    Whoever calls this has the account's turn. What was paid meanwhile is in our copy after it.
    """
    if not account.checkout_id:
        return GONE
    status = _expire(account.checkout_id)
    if status == PAID:
        sync_account(account)
    _forget_checkout(account)
    return status


def _expire(identifier: str) -> str:
    try:
        stripe_api.ask(lambda v1: v1.checkout.sessions.expire(identifier))
    except OURS_TO_MEND:
        raise
    except StripeRefused:
        # It has ended already, one way or the other.
        status = _status(identifier)
        if status == OPEN:
            raise
        return status
    return GONE


def follow_checkout(account: BillingAccount) -> str:
    """How the checkout stands, if there is one; one whose time is over is ended. As above."""
    if not account.checkout_is_open:
        return close_checkout(account)
    status = _status(account.checkout_id)
    if status == PAID:
        sync_account(account)
    if status != OPEN:
        _forget_checkout(account)
    return status


def _status(identifier: str) -> str:
    try:
        return str(stripe_api.ask(lambda v1: v1.checkout.sessions.retrieve(identifier))["status"])
    except StripeGone:
        return GONE


def _forget_checkout(account: BillingAccount) -> None:
    account.checkout_id, account.checkout_expires_at = "", None
    with still_ours(account):
        account.save(update_fields=["checkout_id", "checkout_expires_at"])
        forget_addresses_of(account)


def _compare(run: Run, price: CatalogPrice) -> datetime:
    """Never another amount than was shown. Returns the time at Stripe, since ours may be off."""
    try:
        answer, now = stripe_api.ask_when(lambda v1: v1.prices.retrieve(price.price_id))
    except StripeGone as error:
        raise PriceNotSold from error
    there = (answer["active"], answer["unit_amount"], answer["currency"])
    if there != (True, price.amount, price.currency):
        logger.error("price_differs", lookup_key=price.lookup_key)
        raise PriceNotSold
    if not run.made("expires"):
        run.remember("expires", (now + CHECKOUT_LASTS).isoformat())
    return now


def _session(run: Run, price: CatalogPrice, now: datetime) -> Answer:
    if made := run.made("session"):
        session = stripe_api.ask(lambda v1: v1.checkout.sessions.retrieve(made))
    elif datetime.fromisoformat(run.made("expires")) < now + SHORTEST:
        raise CheckoutLate
    else:
        session = _create(run, run.frozen("session", lambda: _params(run, price)))
    if session["status"] == GONE:
        raise CheckoutLate
    return session


def _create(run: Run, params: dict[str, Any]) -> Answer:
    try:
        return run.once("session", lambda v1, options: v1.checkout.sessions.create(params, options))
    except OURS_TO_MEND:
        raise
    except StripeRefused as refusal:
        logger.error("checkout_refused", operation=str(run.operation.pk), said=refusal.message)
        raise CheckoutRefused from refusal


def _params(run: Run, price: CatalogPrice) -> dict[str, Any]:
    asked, account = run.operation.params, run.account
    names = {"account": str(account.pk), "operation": str(run.operation.pk)}
    subscription: dict[str, Any] = {"metadata": names}
    if asked["trial"]:
        subscription["trial_period_days"] = catalogue().trial_days
        subscription["trial_settings"] = {"end_behavior": {"missing_payment_method": "cancel"}}
    words = {"custom_text": {"submit": {"message": ONE_A_CARD}}} if asked["trial"] else {}
    return {
        **words,
        "mode": "subscription",
        "customer": account.customer_id,
        "client_reference_id": str(account.pk),
        "metadata": names,
        "subscription_data": subscription,
        "line_items": [{"price": price.price_id, "quantity": 1}],
        "success_url": f"{settings.SITE_URL}{asked['success']}?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{settings.SITE_URL}{asked['cancel']}",
        "billing_address_collection": "required",
        "tax_id_collection": {"enabled": True},
        "automatic_tax": {"enabled": settings.BILLING_AUTOMATIC_TAX},
        "customer_update": {"address": "auto", "name": "auto"},
        "payment_method_collection": "always",
        # Whatever the dashboard has switched on: a trial is one a card, and prices are ours.
        "allowed_payment_method_types": ["card"],
        "adaptive_pricing": {"enabled": False},
        "allow_promotion_codes": True,
        "locale": "auto",
        "expires_at": int(datetime.fromisoformat(run.made("expires")).timestamp()),
    }
