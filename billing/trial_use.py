"""Who has had a trial. There is one for each external organization and one for each card, kept
apart from organizations and imports, which come and go.
"""

from typing import NamedTuple

from billing.catalogue import catalogue
from billing.models import BillingAccount, TrialOrganization
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
