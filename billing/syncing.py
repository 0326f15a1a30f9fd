"""Making our copy of an account what Stripe says it is."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from billing import addresses, customers, health, invoices, stripe_api, subscriptions
from billing.errors import AccountBusy
from billing.models import (
    BillingAccount,
    Operation,
    StripeEvent,
    Subscription,
    TrialCard,
)
from billing.reporting import report_once
from billing.signals import account_synced
from billing.stripe_api import Answer
from billing.trial_use import note_trial
from core.leases import LeaseLost
from organizations import audit

logger = structlog.get_logger(__name__)

MOST_EVENTS = 5000
# Of an account, what is paid by, and to whom.
ON_RECORD = ("email", "name", "address", "tax_ids", "card", "discounts")


@dataclass(frozen=True)
class Found:
    """What Stripe says. Without a customer there is nobody, or nobody any more."""

    customer: Answer | None = None
    subscriptions: list[Answer] = field(default_factory=list)
    invoices: list[Answer] = field(default_factory=list)
    refunds: dict[str, int] = field(default_factory=dict)


def sync_account(account: BillingAccount) -> None:
    """Ask for the customer, the subscriptions and the latest invoices, and write down what is
    new. Whoever calls this has the account's turn. Raises StripeSilent, and AccountBusy where the
    account got another customer meanwhile.
    """
    if account.customer_id and account.is_live != stripe_api.is_live():
        # With a key of the other mode nothing of it would be found, and all of it be lost.
        logger.error("billing_account_of_other_mode", account=str(account.pk))
        return
    began = timezone.now()
    # What is told of while we ask may be newer than the answers: only these are dealt with.
    told = list(StripeEvent.objects.waiting_for(account).values_list("pk", flat=True)[:MOST_EVENTS])
    found = _ask(account)
    _write(account, found, told, began=began)
    _refresh(account)
    account_synced.send_robust(sender=BillingAccount, account_id=account.pk)


def _refresh(account: BillingAccount) -> None:
    """But for the lease: should it be another's by now, it is not ours for that."""
    ours = account.lease
    account.refresh_from_db()
    account.lease = ours


def _ask(account: BillingAccount) -> Found:
    if not account.customer_id:
        return Found(invoices=invoices.fetch_invoices(account))
    customer = customers.fetch_customer(account.customer_id)
    health.note_key(works=True)
    return Found(
        customer,
        subscriptions.fetch_subscriptions(account.customer_id) if customer else [],
        invoices.fetch_invoices(account),
        invoices.fetch_refunds(account.customer_id),
    )


@transaction.atomic(durable=True)
def _write(account: BillingAccount, found: Found, told: list[str], *, began: datetime) -> None:
    held = BillingAccount.objects.select_for_update().filter(pk=account.pk, lease=account.lease)
    ours = held.first()
    if ours is None:
        raise LeaseLost
    if ours.customer_id != account.customer_id:
        # It got another one while we asked, and whoever comes next asks about that one.
        raise AccountBusy
    _write_subscriptions(ours, found, began)
    invoices.copy_invoices(ours, found.invoices, found.refunds)
    _write_account(ours, found, began)
    addresses.forget_addresses_of(ours)
    StripeEvent.objects.filter(pk__in=told, state=StripeEvent.State.WAITING).update(
        state=StripeEvent.State.DONE, account=ours, done_at=timezone.now(), error=""
    )


def _write_account(account: BillingAccount, found: Found, began: datetime) -> None:
    values: dict[str, Any] = {"synced_at": began}
    if account.wanted_at and account.wanted_at <= began:
        values["wanted_at"] = None
    if found.customer:
        values |= customers.details_in(found.customer)
        values["card"] = _card(found)
    else:
        values |= {"customer_id": "", "card": {}, "credit": 0, "discounts": []}
        if account.customer_id:
            # The next one is asked for under another key, or this one would be the answer.
            values["customer_asked"] = {}
    values |= _trial(account, found)
    _record_details(account, values)
    BillingAccount.objects.filter(pk=account.pk).update(**values)


def _record_details(account: BillingAccount, values: dict[str, Any]) -> None:
    """Whoever changed them: in the portal, in the dashboard, or by us."""
    known = (name for name in ON_RECORD if name in values)
    changed = [name for name in known if values[name] != getattr(account, name)]
    if changed and account.organization:
        audit.record(account.organization, "billing.details_changed", by=None, fields=changed)


def _card(found: Found) -> dict[str, Any]:
    """What the next invoice is taken from: the subscription's own card, else the customer's."""
    live = [each for each in found.subscriptions if each["status"] not in Subscription.ENDED]
    settings = (found.customer or {}).get("invoice_settings") or {}
    methods = [each.get("default_payment_method") for each in sorted(live, key=_created)]
    cards = map(customers.card_in, [*methods, settings.get("default_payment_method")])
    return next(filter(None, cards), {})


def _created(said: Answer) -> int:
    return int(said["created"])


def _trial(account: BillingAccount, found: Found) -> dict[str, Any]:
    """That it was used, with which card, and for whom: none of them gets another one."""
    trials = [each for each in found.subscriptions if each.get("trial_start")]
    if not trials:
        return {}
    for each in trials:
        is_over = each["status"] != "trialing"
        if is_over and account.trial_cards.exists():
            # A card that came to it since has had no trial.
            continue
        card = customers.card_in(each.get("default_payment_method"))
        if not card and not is_over:
            card = _card(found)
        if card.get("fingerprint"):
            TrialCard.objects.get_or_create(
                fingerprint=card["fingerprint"], defaults={"account": account}
            )
    note_trial(account)
    first = stripe_api.moment(min(each["trial_start"] for each in trials))
    return {"trial_used_at": account.trial_used_at or first}


def _write_subscriptions(account: BillingAccount, found: Found, now: datetime) -> None:
    refunds = account.operations.filter(kind=Operation.Kind.REFUND)
    given_back = {each["subscription_id"] for each in refunds.values_list("params", flat=True)}
    them = subscriptions.sort_out(found.subscriptions, given_back)
    kept = them.kept["id"] if them.kept else ""
    # First whatever is over: the database allows one that is not.
    over = account.subscriptions.live().exclude(stripe_id=kept)
    for gone in over.exclude(stripe_id__in=[each["id"] for each in them.ended]):
        _cancel(account, gone, now)
    for said in filter(None, [*them.ended, them.kept]):
        _copy(account, said, found, now)
    for said in them.surplus:
        _give_back(account, said, given_back)


def _cancel(account: BillingAccount, gone: Subscription, now: datetime) -> None:
    """One that went with its customer, or is not the account's after all."""
    values = {"status": "canceled", "known_status": "canceled", "ended_at": now, "synced_at": now}
    for name, value in values.items():
        setattr(gone, name, value)
    gone.save(update_fields=list(values))
    _record(account, gone)


def _copy(account: BillingAccount, said: Answer, found: Found, now: datetime) -> None:
    owes_since = _owes_since(account, said, found, now)
    if subscriptions.copy_subscription(account, said, now=now, past_due_since=owes_since):
        _record(account, Subscription.objects.get(stripe_id=said["id"]))


def _owes_since(
    account: BillingAccount, said: Answer, found: Found, now: datetime
) -> datetime | None:
    if said["status"] in ("active", "trialing", *Subscription.ENDED):
        return None
    known = account.subscriptions.filter(stripe_id=said["id"]).first()
    before = known.past_due_since if known else None
    since = invoices.unpaid_since(said, found.invoices, before) or before
    return since or (now if said["status"] in ("past_due", "unpaid") else None)


def _record(account: BillingAccount, subscription: Subscription) -> None:
    if account.organization:
        audit.record(
            account.organization,
            "billing.subscription_changed",
            by=None,
            subscription=subscription.stripe_id,
            status=subscription.status,
            plan=subscription.plan,
            loc_limit=subscription.loc_limit,
        )


def _give_back(account: BillingAccount, said: Answer, given_back: Iterable[str]) -> None:
    """Bought twice: nobody pays for two. The later one is cancelled and its money given back."""
    if said["id"] in given_back:
        return
    if not _was_bought(account, said):
        _report_agreed(account, said)
        return
    logger.error("bought_twice", account=str(account.pk), subscription=said["id"])
    Operation.objects.create(
        account=account,
        kind=Operation.Kind.REFUND,
        channel="system",
        params={"subscription_id": said["id"]},
    )
    if account.organization:
        audit.record(account.organization, "billing.bought_twice", by=None, subscription=said["id"])


def _was_bought(account: BillingAccount, said: Answer) -> bool:
    """At the end of a checkout of ours. Whatever else there is, staff made at Stripe."""
    named = (said.get("metadata") or {}).get("operation", "")
    checkouts = account.operations.filter(kind=Operation.Kind.CHECKOUT)
    return named in map(str, checkouts.values_list("pk", flat=True))


def _report_agreed(account: BillingAccount, said: Answer) -> None:
    """Staff made it: nothing is given back, and the other one is to be ended."""
    logger.error("agreed_beside_another", account=str(account.pk), subscription=said["id"])
    report_once(account, "billing.agreed_beside_another", subscription=said["id"])
