"""What somebody of ours has to look at, on the record of its organization, where alarms find it."""

from billing.models import BillingAccount
from organizations import audit
from organizations.models import AuditEvent


def report_once(account: BillingAccount, action: str, **told: str) -> None:
    """However often it is seen."""
    organization = account.organization
    if not AuditEvent.objects.filter(organization=organization, action=action, data=told).exists():
        audit.record(organization, action, by=None, **told)
