"""Accounts whose organization was deleted: what they still have ends, so that nobody pays on."""

from django.db import transaction

from billing.errors import AccountBusy
from billing.models import BillingAccount, Operation, Subscription
from core.db import unique_or
from organizations import audit

MOST_AT_ONCE = 100
REASON = "Its organization was deleted."


def left_accounts() -> list[BillingAccount]:
    """Those that have something which nobody ends yet."""
    live = Subscription.objects.live().values("account")
    busy = Operation.objects.open().values("account")
    left = BillingAccount.objects.filter(left_at__isnull=False, pk__in=live).exclude(pk__in=busy)
    return list(left.order_by("left_at")[:MOST_AT_ONCE])


@transaction.atomic
def ask_to_end(account: BillingAccount) -> Operation:
    """Raises AccountBusy."""
    with unique_or(AccountBusy()):
        operation = Operation.objects.create(
            account=account, kind=Operation.Kind.END, channel="system", reason=REASON
        )
    audit.record(None, "billing.end_asked", by=None, account=str(account.pk), reason=REASON)
    return operation
