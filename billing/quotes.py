"""What a change that takes effect now will cost: asked of Stripe, and kept to the cent."""

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing.allowed import refuse_agreed, subscription_of_account, way_to
from billing.directions import Way, kind_of_change
from billing.discounts import after_discounts
from billing.errors import (
    ChangedByAgreement,
    NothingToChange,
    PaymentOwed,
    QuoteExpired,
    QuoteVoid,
    StripeGone,
    TakesEffectLater,
)
from billing.models import QUOTE_LIFE, BillingAccount, CatalogPrice, Quote, Subscription
from billing.previews import Preview, preview_of, resumption_of
from billing.words import title_of


def quote_upgrade(account: BillingAccount, price: CatalogPrice, *, by: User) -> Quote:
    """A price for the change, computed to the second of now. Not inside a transaction.

    Raises TakesEffectLater, and whatever speaks against the change.
    """
    subscription = subscription_of_account(account)
    if subscription.status == "paused" and kind_of_change(subscription, price) == Way.NONE:
        return quote_resumption(account, by=by)
    if way_to(subscription, price) != Way.NOW:
        raise TakesEffectLater
    if subscription.status == "trialing":
        values = _of_trial(subscription, price)
    else:
        values = _of_preview(_ask(subscription, price), subscription)
    return _promise(subscription, price, values, by=by)


def quote_resumption(account: BillingAccount, *, by: User) -> Quote:
    """A price for the period that begins if what is paused is resumed now. Not inside a
    transaction. Raises NothingToChange where it isn't paused, PaymentOwed where that waits.
    """
    subscription = subscription_of_account(account)
    refuse_agreed(subscription)
    if subscription.status != "paused":
        raise NothingToChange("It goes on as it is.")
    if account.invoices.filter(stripe_id=subscription.latest_invoice_id, status="open").exists():
        # It was asked for already, and goes on when that is paid.
        raise PaymentOwed("Resuming waits for its payment. Pay the open invoice, and it goes on.")
    price = CatalogPrice.objects.filter(price_id=subscription.price_id).first()
    if price is None:
        raise ChangedByAgreement
    try:
        preview = resumption_of(subscription, price)
    except StripeGone as error:
        raise QuoteVoid from error
    return _promise(subscription, price, _of_preview(preview, subscription), by=by)


def _promise(
    subscription: Subscription, price: CatalogPrice, values: dict[str, Any], *, by: User
) -> Quote:
    account = subscription.account
    # An invoice comes before that, but in a trial.
    once, at = bool(values.get("is_of_trial")), values["next_at"]
    each_time = after_discounts(price.amount, subscription, account, at, once=once)
    return _write(
        account=account,
        made_by=by,
        price=price,
        subscription=subscription,
        currency=price.currency,
        next_amount=each_time,
        expires_at=timezone.now() + QUOTE_LIFE,
        **values,
    )


def _ask(subscription: Subscription, price: CatalogPrice) -> Preview:
    try:
        return preview_of(subscription, price)
    except StripeGone as error:
        # It has changed there, and we are about to hear of it.
        raise QuoteVoid from error


@transaction.atomic(durable=True)
def _write(**values: Any) -> Quote:
    return Quote.objects.create(**values)


def _of_trial(subscription: Subscription, price: CatalogPrice) -> dict[str, Any]:
    """Nothing is charged before the trial ends, and it ends when it would have."""
    text = f"{title_of(price)}, for the rest of your trial"
    return {
        "proration_date": timezone.now(),
        "price_before": subscription.price_id,
        "subtotal": 0,
        "total": 0,
        "amount_due": 0,
        "lines": [{"text": text, "amount": 0}],
        "next_at": subscription.trial_end,
        "is_of_trial": True,
    }


def _of_preview(preview: Preview, subscription: Subscription) -> dict[str, Any]:
    if preview.price_before != subscription.price_id:
        raise QuoteVoid
    return {
        "proration_date": datetime.fromtimestamp(preview.at, UTC),
        "price_before": preview.price_before,
        "subtotal": preview.subtotal,
        "tax": preview.tax,
        "total": preview.total,
        "amount_due": preview.amount_due,
        "carried_over": preview.carried_over,
        "lines": preview.lines,
        "next_at": preview.next_at,
    }


def refuse_if_void(quote: Quote, account: BillingAccount) -> None:
    """Raises QuoteVoid where it is too old, or was made of what is not so any more."""
    if quote.expires_at <= timezone.now():
        raise QuoteExpired
    subscription = subscription_of_account(account)
    start = subscription.period_start
    is_other = subscription.pk != quote.subscription_id
    if is_other or subscription.price_id != quote.price_before:
        raise QuoteVoid
    if quote.is_of_trial:
        if subscription.status != "trialing":
            raise QuoteVoid
    elif start and quote.proration_date < start:
        raise QuoteVoid
