"""Giving an organization what was agreed on with it, and was made for it at Stripe."""

import uuid
from typing import Any

from django.db import transaction

from billing import purchasing, stripe_api
from billing.errors import CustomerOfAnother, NotToAttach
from billing.models import BillingAccount, Operation, Plan, Subscription
from billing.money import in_words
from billing.running import Run, performs
from billing.stripe_api import Answer
from billing.subscriptions import fetch_subscriptions
from core.db import unique_or
from core.leases import LeaseLost
from organizations import audit


@performs(Operation.Kind.ATTACH)
def attach(run: Run) -> None:
    """Stripe is told whose it is, and then we note who pays: what is refused on the way has
    changed nothing here.
    """
    subscription_id = run.operation.params["subscription_id"]
    params = {"expand": ["customer"]}
    said = stripe_api.ask(lambda v1: v1.subscriptions.retrieve(subscription_id, params))
    _refuse_unless_agreed(said)
    _refuse_if_anothers(run.account, said)
    purchasing.close_checkout(run.account)
    _refuse_if_something_else_is_paid(run.account, said)
    _name(run, said)
    _note(run, said["id"], said["customer"])


def _refuse_unless_agreed(said: Answer) -> None:
    contract = said.get("metadata") or {}
    limit = str(contract.get("loc_limit", ""))
    if said["status"] in Subscription.ENDED:
        raise NotToAttach("That subscription has ended.")
    if contract.get("plan", Plan.ENTERPRISE) != Plan.ENTERPRISE:
        raise NotToAttach("Its metadata says another plan than enterprise.")
    if not (limit.isdecimal() and int(limit)):
        raise NotToAttach("Its metadata has to say the lines that were agreed on, as loc_limit.")


def _refuse_if_anothers(account: BillingAccount, said: Answer) -> None:
    customer = said["customer"]
    others = BillingAccount.objects.exclude(pk=account.pk)
    if others.filter(customer_id=customer["id"]).exists():
        raise CustomerOfAnother
    for thing in (said, customer):
        if others.filter(pk__in=_named_in(thing)).exists():
            raise CustomerOfAnother


def _named_in(thing: Answer) -> list[uuid.UUID]:
    try:
        return [uuid.UUID((thing.get("metadata") or {})["account"])]
    except (KeyError, ValueError):
        return []


def _refuse_if_something_else_is_paid(account: BillingAccount, said: Answer) -> None:
    """One is paid at a time; a second one would be taken for bought twice."""
    customer = said["customer"]["id"]
    known = {customer, account.customer_id} - {""}
    besides = [
        each["id"]
        for each in [there for one in known for there in fetch_subscriptions(one)]
        if each["status"] not in Subscription.ENDED and each["id"] != said["id"]
    ]
    if besides:
        raise NotToAttach(f"{', '.join(besides)} is paid as well. End that first.")
    if account.customer_id not in ("", customer) and account.credit > 0:
        credit = in_words(account.credit, account.currency)
        raise NotToAttach(
            f"The customer {account.customer_id} has {credit} of credit, which would be lost. "
            "Make the subscription for that customer, or settle the credit first."
        )


def _name(run: Run, said: Answer) -> None:
    account = {"account": str(run.account.pk)}
    contract = account | {"plan": str(Plan.ENTERPRISE), "operation": str(run.operation.pk)}
    run.once(
        "subscription",
        lambda v1, options: v1.subscriptions.update(said["id"], {"metadata": contract}, options),
    )
    customer = said["customer"]["id"]
    run.once(
        "customer",
        lambda v1, options: v1.customers.update(customer, {"metadata": account}, options),
    )


@transaction.atomic
def _note(run: Run, subscription_id: str, customer: Answer) -> None:
    account = run.account
    if run.made("attached"):
        return
    before = account.customer_id
    values: dict[str, Any] = {"customer_id": customer["id"], "is_live": customer["livemode"]}
    with unique_or(CustomerOfAnother()):
        ours = BillingAccount.objects.filter(pk=account.pk, lease=account.lease)
        if not ours.update(**values):
            raise LeaseLost
    account.customer_id, account.is_live = values["customer_id"], values["is_live"]
    run.remember("attached", subscription_id)
    told = {"subscription": subscription_id, "customer": customer["id"], "before": before}
    audit.record(account.organization, "billing.attached", by=run.operation.by, **told)
