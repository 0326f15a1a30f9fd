"""Whose an event is. Others may use the same account at Stripe: theirs is none of our business."""

import uuid

import structlog
from django.db import IntegrityError, transaction

from billing import stripe_api
from billing.errors import StripeGone
from billing.models import BillingAccount, Invoice, StripeEvent, Subscription
from billing.reporting import report_once
from billing.stripe_api import Answer, identifier

logger = structlog.get_logger(__name__)

# What may name our account before we know its customer, and where it says so.
_NAMING = ("cus_", "cs_", "sub_")
# A dispute names neither a customer nor us, only the payment that it takes back.
_DISPUTES = ("du_", "dp_")


def account_of(event: StripeEvent) -> uuid.UUID | None:
    """Our account, by its customer; else by what the object at Stripe says of itself now."""
    if account_id := _of_customer(event.customer_id):
        return account_id
    try:
        if event.object_id.startswith(_DISPUTES):
            return _whose_payment(event.object_id)
        return adopt(_ask_for(event.object_id)) if event.object_id.startswith(_NAMING) else None
    except StripeGone:
        return None


def _of_customer(customer_id: str) -> uuid.UUID | None:
    accounts = BillingAccount.objects.exclude(customer_id="").filter(customer_id=customer_id)
    return accounts.values_list("pk", flat=True).first()


def _whose_payment(dispute_id: str) -> uuid.UUID | None:
    """By whose customer it was charged; else by the invoice it paid, since banks dispute also what
    a customer paid who is deleted by now.
    """
    expand = {"expand": ["charge"]}
    dispute = stripe_api.ask(lambda v1: v1.disputes.retrieve(dispute_id, expand))
    if account_id := _of_customer(identifier(dispute["charge"].get("customer"))):
        return account_id
    intent = identifier(dispute.get("payment_intent"))
    if not intent:
        return None
    paid = {"payment": {"type": "payment_intent", "payment_intent": intent}}
    payments = stripe_api.ask(lambda v1: v1.invoice_payments.list(paid))["data"]
    invoices = Invoice.objects.filter(
        stripe_id__in=[identifier(each["invoice"]) for each in payments]
    )
    return invoices.values_list("account", flat=True).first()


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
        report_once(account, "billing.customer_of_two", customer=customer_id)
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
