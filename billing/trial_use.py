"""Who has had a trial. There is one for each external organization and one for each card, kept
apart from organizations and imports, which come and go.
"""

from typing import NamedTuple

from billing.catalogue import catalogue
from billing.models import (
    BillingAccount,
    Operation,
    Plan,
    Subscription,
    TrialCard,
    TrialOrganization,
)
from bindings.models import DevOpsBinding
from organizations.models import Organization


class External(NamedTuple):
    """An organization as its platform knows it."""

    platform: str
    external_id: str


def external_of(organization: Organization) -> External | None:
    """What it is bound to. One query."""
    bound = DevOpsBinding.objects.filter(organization=organization)
    found = bound.values_list("platform", "external_id").first()
    return External(*found) if found else None


def trial_days(account: BillingAccount | None, external: External | None) -> int:
    """How long a trial that begins now would be; 0 where there was one. One query at most."""
    if account and account.trial_used_at:
        return 0
    if external and TrialOrganization.objects.filter(**external._asdict()).exists():
        return 0
    return catalogue().trial_days


def note_trial(account: BillingAccount) -> None:
    """That its external organization has had its trial. The first account is the one that did."""
    external = External(account.platform, account.external_id)
    if not external.external_id:
        known = external_of(account.organization) if account.organization else None
        if known is None:
            return
        external = known
    TrialOrganization.objects.get_or_create(**external._asdict(), defaults={"account": account})


def second_trial(account: BillingAccount) -> Subscription | None:
    """The account's trial, where it began with a card that had had one with another account. A
    card that came later, to a trial that began with one of its own, is welcome.
    """
    card = account.card.get("fingerprint")
    if account.left_at or not card or account.trial_cards.exists():
        return None
    if not TrialCard.objects.filter(pk=card).exclude(account=account).exists():
        return None
    # What staff agreed on has another plan, and is theirs to end.
    return account.subscriptions.live().filter(status="trialing", plan=Plan.TEAM).first()


def refused_trial(account: BillingAccount | None) -> str:
    """Why the trial was over at once that this account had last; empty where none was."""
    last = account.subscriptions.newest_first().first() if account else None
    if account is None or last is None or last.is_live:
        return ""
    ended = account.operations.filter(
        kind=Operation.Kind.END_TRIAL,
        params__subscription_id=last.stripe_id,
        steps__has_key="ended",
    ).first()
    return why_refused(ended.params.get("last4", "")) if ended else ""


def why_refused(last4: str) -> str:
    return (
        f"The card that ends with {last4 or '····'} has had its trial with another organization, "
        "and there is one for each organization and card. Nothing was charged. Choose again: from "
        "now on Team is paid from the first day."
    )
