"""One trial for an organization and a card: a card's second one is over at once."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.kinds import Kind, Severity
from accounts.models import User
from accounts.notifications import Notice, notify
from billing import stripe_api
from billing.errors import AccountBusy, SubscriptionEnding
from billing.models import BillingAccount, Operation, Subscription, TrialCard
from billing.running import Run, performs
from core.db import unique_or
from organizations import audit
from organizations.models import Group

AGAIN = timedelta(hours=1)


def second_trial(account: BillingAccount) -> Subscription | None:
    """The account's trial that goes on, where its card has had one with another account."""
    if account.left_at:
        return None
    card = account.card.get("fingerprint")
    if not card or not TrialCard.objects.filter(pk=card).exclude(account=account).exists():
        return None
    return account.subscriptions.live().filter(status="trialing", cancels_at=None).first()


@transaction.atomic
def ask_to_end(trial: Subscription) -> Operation | None:
    """Have it ended, unless that was asked already; where it failed, an hour later again."""
    account = BillingAccount.objects.select_for_update().get(pk=trial.account_id)
    params = {"subscription_id": trial.stripe_id}
    asked = account.operations.filter(kind=Operation.Kind.END_TRIAL, params=params)
    long_ago = Q(state=Operation.State.FAILED, ended_at__lt=timezone.now() - AGAIN)
    if asked.exclude(long_ago).exists():
        return None
    with unique_or(AccountBusy()):
        return Operation.objects.create(
            account=account, kind=Operation.Kind.END_TRIAL, channel="system", params=params
        )


@performs(Operation.Kind.END_TRIAL)
def end_trial(run: Run) -> None:
    """From now on it is paid. Stripe charges the card at once."""
    identifier = run.operation.params["subscription_id"]
    found = stripe_api.ask(lambda v1: v1.subscriptions.retrieve(identifier))
    if found.get("cancel_at_period_end") or found.get("cancel_at"):
        # A failure, so that who resumes it is asked again.
        raise SubscriptionEnding
    if found["status"] == "trialing":
        run.once(
            "ended",
            lambda v1, options: v1.subscriptions.update(identifier, {"trial_end": "now"}, options),
        )
    _tell(run.account, identifier)


@transaction.atomic
def _tell(account: BillingAccount, subscription_id: str) -> None:
    organization, card = account.organization, account.card
    name = organization.name if organization else account.name
    notify(
        _payers(account),
        Notice(
            kind=Kind.TRIAL_ENDED,
            subject=subscription_id,
            severity=Severity.WARNING,
            title=f"{name}: the trial is over, because this card has had one",
            text="Nobody has to do anything. There is one trial for each organization and card, "
            f"and the card that ends with {card.get('last4', '····')} has had its own with another "
            f"organization. So Team is paid from {timezone.now():%A %-d %B %Y} on.\n\n"
            "Who does not want that can cancel; it then ends with the period that is paid.",
        ),
    )
    audit.record(organization, "billing.trial_ended", by=None, subscription=subscription_id)


def _payers(account: BillingAccount) -> list[User]:
    """The owners; before there is an organization, whoever buys."""
    if account.organization:
        groups = Group.objects.filter(organization=account.organization, kind=Group.Kind.OWNERS)
        members = groups.values("members__user")
        return list(User.objects.filter(pk__in=members, is_active=True))
    buyer = account.operations.filter(by__isnull=False).order_by("-asked_at").first()
    return [buyer.by] if buyer and buyer.by else []
