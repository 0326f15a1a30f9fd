"""What the last step of the import says about paying."""

from billing.errors import CheckoutWithdrawn
from billing.operations import newest_checkout
from onboarding.models import Import


def trouble_of(import_: Import) -> str:
    """Why the last checkout did not open; empty where it did, or nobody waits for it."""
    last = newest_checkout(import_.billing) if import_.billing else None
    if last is None or not last.has_failed or last.error_code == CheckoutWithdrawn.code:
        return ""
    return last.error
