"""Stripe's portal: where customers keep their cards. Plans are changed on our own pages, which
know how many lines are in use.
"""

from typing import Any

from django.conf import settings

from billing.models import PortalConfiguration
from billing.stripe_api import is_live

OFF, ON = {"enabled": False}, {"enabled": True}
FEATURES: dict[str, Any] = {
    "customer_update": {"enabled": True, "allowed_updates": ["address", "email", "name", "tax_id"]},
    "invoice_history": ON,
    "payment_method_update": ON,
    "subscription_cancel": OFF,
    "subscription_update": OFF,
}


def configuration_id() -> str:
    """What a session of the portal is made with; empty before the catalogue was synced."""
    row = PortalConfiguration.objects.filter(is_live=is_live()).first()
    return row.configuration_id if row else ""


def wanted() -> dict[str, Any]:
    """How it has to be at Stripe."""
    return {"features": FEATURES, "default_return_url": settings.SITE_URL}
