"""Whom else to reach about an organization than its owners."""

import uuid

from billing.models import BillingAccount


def addresses_of(organization_id: uuid.UUID) -> list[str]:
    """The billing e-mail, where there is one. One query."""
    account = BillingAccount.objects.filter(organization=organization_id).exclude(email="")
    return list(account.values_list("email", flat=True))
