"""Our copy of what Stripe keeps, and what we have asked of it."""

from billing.models.accounts import (
    BillingAccount,
    BillingNotice,
    TrialCard,
    TrialOrganization,
    leave,
)
from billing.models.analyses import Analysis
from billing.models.asked import QUOTE_LIFE, Operation, Quote
from billing.models.catalogue import CatalogPrice, Interval, Plan, PortalConfiguration
from billing.models.events import StripeEvent
from billing.models.limits import LimitWatch
from billing.models.subscriptions import Invoice, Subscription, newest_first

__all__ = [
    "QUOTE_LIFE",
    "Analysis",
    "BillingAccount",
    "BillingNotice",
    "CatalogPrice",
    "Interval",
    "Invoice",
    "LimitWatch",
    "Operation",
    "Plan",
    "PortalConfiguration",
    "Quote",
    "StripeEvent",
    "Subscription",
    "TrialCard",
    "TrialOrganization",
    "leave",
    "newest_first",
]
