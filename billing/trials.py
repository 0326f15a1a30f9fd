"""A card's second trial ends at once, and nothing is charged: only what was announced is. Whoever
wants to go on chooses again, and then sees what is paid today.
"""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.kinds import Kind, Severity
from accounts.models import User
from accounts.notifications import Notice, notify
from billing import stripe_api
from billing.errors import AccountBusy, StripeGone
from billing.models import BillingAccount, Operation, Subscription
from billing.running import Run, performs
from billing.trial_use import second_trial, why_refused
from core.db import unique_or
from organizations import audit
from organizations.owners import active_owners_of

AGAIN = timedelta(hours=1)
MOST_AT_ONCE = 500


def accounts_on_second_trials() -> list[uuid.UUID]:
    """For the sweep: a sync may have been cut off, and what failed is tried again."""
    trialing = Subscription.objects.filter(status="trialing").values("account")
    found = BillingAccount.objects.filter(pk__in=trialing, trial_cards=None)[:MOST_AT_ONCE]
    return [account.pk for account in found if second_trial(account)]


@transaction.atomic
def ask_to_end(account_id: uuid.UUID) -> Operation | None:
    """Have it ended, unless that was asked already; where it failed, an hour later again."""
    account = BillingAccount.objects.select_for_update().filter(pk=account_id).first()
    trial = second_trial(account) if account else None
    if account is None or trial is None:
        return None
    asked = account.operations.filter(
        kind=Operation.Kind.END_TRIAL, params__subscription_id=trial.stripe_id
    )
    long_ago = Q(state=Operation.State.FAILED, ended_at__lt=timezone.now() - AGAIN)
    if asked.exclude(long_ago).exists():
        return None
    params = {"subscription_id": trial.stripe_id, "last4": account.card.get("last4") or ""}
    with unique_or(AccountBusy()):
        return Operation.objects.create(
            account=account, kind=Operation.Kind.END_TRIAL, channel="system", params=params
        )


@performs(Operation.Kind.END_TRIAL)
def end_trial(run: Run) -> None:
    """While it is one. What is paid by now was announced, and goes on."""
    identifier = run.operation.params["subscription_id"]
    try:
        found = stripe_api.ask(lambda v1: v1.subscriptions.retrieve(identifier))
    except StripeGone:
        return
    if found["status"] == "trialing":
        run.once("ended", lambda v1, options: v1.subscriptions.cancel(identifier, {}, options))
    if run.made("ended"):
        _tell(run, identifier)


@transaction.atomic
def _tell(run: Run, subscription_id: str) -> None:
    account = run.account
    organization = account.organization
    name = organization.name if organization else account.name
    bought = account.operations.filter(kind=Operation.Kind.CHECKOUT).order_by("-asked_at").first()
    # Where its checkout would have led on going back: to where a plan is chosen.
    back = bought.params.get("cancel", "") if bought else ""
    notify(
        _payers(account),
        Notice(
            kind=Kind.TRIAL_ENDED,
            subject=subscription_id,
            severity=Severity.WARNING,
            title=f"{name}: the trial is over, because this card has had one",
            text=why_refused(run.operation.params.get("last4", "")),
            action_label="Choose again" if back else "",
            action_path=back,
        ),
    )
    audit.record(organization, "billing.trial_ended", by=None, subscription=subscription_id)


def _payers(account: BillingAccount) -> list[User]:
    """The owners; before there is an organization, whoever buys."""
    if account.organization:
        return list(active_owners_of(account.organization.pk))
    buyer = account.operations.filter(by__isnull=False).order_by("-asked_at").first()
    return [buyer.by] if buyer and buyer.by else []
