"""Giving a purchase back: the subscription ends, and whatever was taken for it returns."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.utils import timezone

from billing import stripe_api
from billing.customers import insist_on_its_key
from billing.errors import StripeGone, StripeRefused
from billing.invoices import intents_that_paid
from billing.models import BillingAccount, Operation, Subscription
from billing.running import OURS_TO_MEND, Run, performs
from billing.stripe_api import Answer, identifier

# After a failure, doubled with each that follows: the last attempt is more than two days later.
AGAIN, MOST_ATTEMPTS = timedelta(hours=1), 7
_ALREADY = "charge_already_refunded"
# In the metadata of what a balance got: the invoice whose credit that was.
_RETURNED = "returned_from"


def ask_again_for_failed() -> list[uuid.UUID]:
    """New operations for those that failed a while ago, since somebody still pays twice."""
    found = _failed().order_by("ended_at").values_list("pk", "account")[:100]
    return [again.pk for pk, account in found if (again := _ask_again(pk, account))]


def _failed() -> QuerySet[Operation]:
    """But for what support gave up, what was tried often enough, and for what has become the one
    that is paid.
    """
    refunds = Operation.objects.filter(kind=Operation.Kind.REFUND).annotate(
        subscription=KT("params__subscription_id")
    )
    same = refunds.filter(account=OuterRef("account"), subscription=OuterRef("subscription"))
    later = same.filter(asked_at__gt=OuterRef("asked_at"))
    kept = Subscription.objects.live().filter(
        account=OuterRef("account"), stripe_id=OuterRef("subscription")
    )
    tried = same.order_by().values("account").annotate(number=Count("pk")).values("number")
    failed = refunds.annotate(tried=Subquery(tried)).filter(_is_time())
    return failed.exclude(Exists(later) | Exists(kept) | Q(error_code=Operation.GIVEN_UP))


def _is_time() -> Q:
    """Of one that failed, by how often it was tried."""
    now, due = timezone.now(), Q()
    for tried in range(1, MOST_ATTEMPTS):
        due |= Q(tried=tried, ended_at__lt=now - AGAIN * 2 ** (tried - 1))
    return due & Q(state=Operation.State.FAILED)


@transaction.atomic
def _ask_again(operation_id: uuid.UUID, account_id: uuid.UUID) -> Operation | None:
    """Unless another sweep did."""
    account = BillingAccount.objects.select_for_update().get(pk=account_id)
    failed = _failed().filter(pk=operation_id).first()
    return failed and Operation.objects.create(
        account=account, kind=failed.kind, channel="system", params=failed.params
    )


@performs(Operation.Kind.REFUND)
def give_back(run: Run) -> None:
    insist_on_its_key(run.account)
    subscription_id = run.operation.params["subscription_id"]
    _cancel(run, subscription_id)
    params = {"subscription": subscription_id, "limit": 100, "expand": ["data.payments"]}
    refusals = []
    for invoice in stripe_api.every(lambda v1: v1.invoices.list(params)):
        if invoice["status"] == "open":
            _void(run, invoice["id"])
        for intent in intents_that_paid(invoice) if invoice["amount_paid"] else []:
            refusals += _refund(run, intent)
        _return_credit(run, invoice)
    if refusals:
        raise refusals[0]


def _cancel(run: Run, subscription_id: str) -> None:
    """At once and without a last invoice. One that is over or gone needs nothing."""
    try:
        said = stripe_api.ask(lambda v1: v1.subscriptions.retrieve(subscription_id))
        if said["status"] not in Subscription.ENDED:
            run.once("cancel", lambda v1, options: v1.subscriptions.cancel(said["id"], {}, options))
    except StripeGone:
        return


def _void(run: Run, invoice_id: str) -> None:
    step = f"void-{invoice_id}"
    run.once(step, lambda v1, options: v1.invoices.void_invoice(invoice_id, {}, options))


def _refund(run: Run, intent: str) -> list[StripeRefused]:
    """What was refused, so that the others are given back all the same."""
    params = {"payment_intent": intent, "reason": run.operation.params.get("why", "duplicate")}
    try:
        run.once(f"refund-{intent}", lambda v1, options: v1.refunds.create(params, options))
    except OURS_TO_MEND:
        raise
    except StripeRefused as refusal:
        return [] if refusal.reason == _ALREADY else [refusal]
    return []


def _return_credit(run: Run, invoice: Answer) -> None:
    """What was paid from the customer's balance goes back there, by whichever operation is first.
    That of an invoice that is void went back with it.
    """
    taken = (invoice.get("ending_balance") or 0) - (invoice.get("starting_balance") or 0)
    customer = identifier(invoice["customer"])
    if invoice["status"] != "paid" or taken <= 0 or _was_returned(customer, invoice["id"]):
        return
    params = {
        "amount": -taken,
        "currency": invoice["currency"],
        "description": f"Credit that was used for {invoice['number']}, which is given back",
        "metadata": {_RETURNED: invoice["id"]},
    }
    run.once(
        f"credit-{invoice['id']}",
        lambda v1, options: v1.customers.balance_transactions.create(customer, params, options),
    )


def _was_returned(customer: str, invoice_id: str) -> bool:
    """Also where nobody is left who could have it."""
    try:
        listed = stripe_api.every(
            lambda v1: v1.customers.balance_transactions.list(customer, {"limit": 100})
        )
        return any((each.get("metadata") or {}).get(_RETURNED) == invoice_id for each in listed)
    except StripeGone:
        return True
