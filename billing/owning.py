"""Whose an event is. Others may use the same account at Stripe: theirs is none of our business."""

import uuid

import structlog
from django.db import IntegrityError, transaction

from billing import stripe_api
from billing.errors import StripeGone
from billing.models import BillingAccount, StripeEvent, Subscription
from billing.stripe_api import Answer, identifier

logger = structlog.get_logger(__name__)

# What may name our account before we know its customer, and where it says so.
_NAMING = ("cus_", "cs_", "sub_")


def account_of(event: StripeEvent) -> uuid.UUID | None:
    """Our account, by its customer; else by what the object at Stripe says of itself now."""
    if event.customer_id:
        accounts = BillingAccount.objects.filter(customer_id=event.customer_id)
        if account_id := accounts.values_list("pk", flat=True).first():
            return account_id
    if not event.object_id.startswith(_NAMING):
        return None
    try:
        thing = _ask_for(event.object_id)
    except StripeGone:
        return None
    return adopt(thing)


def _ask_for(object_id: str) -> Answer:
    if object_id.startswith("cus_"):
        return stripe_api.ask(lambda v1: v1.customers.retrieve(object_id))
    if object_id.startswith("cs_"):
        return stripe_api.ask(lambda v1: v1.checkout.sessions.retrieve(object_id))
    return stripe_api.ask(lambda v1: v1.subscriptions.retrieve(object_id))


def adopt(thing: Answer) -> uuid.UUID | None:
    """The account that a thing names, which has its customer from now on if it had none."""
    account = _named_by(thing)
    if account is None:
        return None
    customer_id = thing["id"] if thing["object"] == "customer" else identifier(thing["customer"])
    if account.customer_id or not customer_id or thing.get("status") in Subscription.ENDED:
        # Named by one thing, and paid for by another customer: that is not its purchase.
        return account.pk if customer_id in ("", account.customer_id) else None
    try:
        with transaction.atomic():
            BillingAccount.objects.filter(pk=account.pk, customer_id="").update(
                customer_id=customer_id, is_live=thing["livemode"]
            )
    except IntegrityError:
        logger.error("customer_of_two_accounts", account=str(account.pk), customer=customer_id)
        return None
    return account.pk


def _named_by(thing: Answer) -> BillingAccount | None:
    metadata = thing.get("metadata") or {}
    for name in (metadata.get("account"), thing.get("client_reference_id")):
        try:
            account = BillingAccount.objects.filter(pk=uuid.UUID(str(name))).first()
        except ValueError:
            continue
        if account is not None:
            return account
    return None
