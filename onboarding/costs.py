"""What the last step of the import says about paying."""

from billing.catalogue import catalogue
from billing.errors import CheckoutWithdrawn
from billing.operations import newest_checkout
from onboarding.models import Import
from onboarding.paying import may_have_trial


def trial_days_of(import_: Import) -> int:
    return catalogue().trial_days if may_have_trial(import_) else 0


def trouble_of(import_: Import) -> str:
    """Why the last checkout did not open; empty where it did, or nobody waits for it."""
    last = newest_checkout(import_.billing) if import_.billing else None
    if last is None or not last.has_failed or last.error_code == CheckoutWithdrawn.code:
        return ""
    return last.error
