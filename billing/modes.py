"""Test and live are two worlds: what is sold and who pays belongs to the one of our key."""

from collections.abc import Iterator

from django.conf import settings

from billing.models import BillingAccount, CatalogPrice
from billing.stripe_api import is_live


def mixed_modes() -> Iterator[str]:
    """What belongs to the other world than our key, and what to do. Two queries."""
    if not settings.BILLING:
        return
    ours, theirs = ("live", "test") if is_live() else ("test", "live")
    if CatalogPrice.objects.filter(is_live=not is_live()).exists():
        yield (
            f"STRIPE_SECRET_KEY is of {ours} mode, and the catalogue has prices of {theirs} mode. "
            f"Use a {theirs} key, or a database that was never used with one."
        )
    customers = BillingAccount.objects.exclude(customer_id="")
    if customers.filter(is_live=not is_live()).exists():
        yield (
            f"STRIPE_SECRET_KEY is of {ours} mode, and there are customers of {theirs} mode. "
            "With this key none of them would be found."
        )
