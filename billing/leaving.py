"""Accounts whose organization was deleted: what they still have ends, so that nobody pays on. What
was bought after that is given back.
"""

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
def ask_to_end(account: BillingAccount) -> Operation | None:
    """Nothing where it has ended meanwhile. Raises AccountBusy."""
    subscription = account.subscriptions.live().first()
    if subscription is None or account.left_at is None:
        return None
    is_late = subscription.created_at > account.left_at
    kind = Operation.Kind.REFUND if is_late else Operation.Kind.END
    params = {"subscription_id": subscription.stripe_id}
    with unique_or(AccountBusy()):
        operation = Operation.objects.create(
            account=account, kind=kind, channel="system", reason=REASON, params=params
        )
    said = {"account": str(account.pk), "reason": REASON, **params}
    audit.record(None, f"billing.{kind}_asked", by=None, **said)
    return operation
