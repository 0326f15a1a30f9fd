"""Accounts whose organization was deleted: what they still have ends, so that nobody pays on, and
what could still be bought is closed. What was bought after that is given back.
"""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from billing import purchasing, running
from billing.errors import AccountBusy, OrganizationDeleted
from billing.models import BillingAccount, Operation, Subscription
from billing.running import OF_THE_LEFT
from billing.turns import account_turn
from core.db import unique_or
from organizations import audit

MOST_AT_ONCE = 100
# After a failure.
AGAIN = timedelta(hours=1)
REASON = "Its organization was deleted."


def left_accounts() -> list[BillingAccount]:
    """Those that have something which nobody ends yet, nor failed to just now."""
    live = Subscription.objects.live().values("account")
    just_now = Q(ended_at__gt=timezone.now() - AGAIN, kind__in=OF_THE_LEFT)
    busy = Operation.objects.filter(
        Q(state=Operation.State.WAITING) | just_now & Q(state=Operation.State.FAILED)
    ).values("account")
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


def left_with_checkouts() -> list[uuid.UUID]:
    """Those where somebody may still pay, or is about to be sent to; also of what waits to be
    deleted.
    """
    opening = Operation.objects.open().filter(kind=Operation.Kind.CHECKOUT).values("account")
    payable = ~Q(checkout_id="") | Q(pk__in=opening)
    gone = Q(left_at__isnull=False) | Q(organization__deletion_due_at__isnull=False)
    left = BillingAccount.objects.filter(payable, gone).order_by("left_at")
    return list(left.values_list("pk", flat=True)[:MOST_AT_ONCE])


def close(account_id: uuid.UUID) -> None:
    """Let nobody pay for what was deleted. Where somebody has, our copy knows it after this.

    Raises AccountBusy, StripeSilent and StripeKeyRefused; then it is as open as before.
    """
    with account_turn(account_id) as mine:
        running.give_up(mine, Operation.Kind.CHECKOUT, OrganizationDeleted())
        purchasing.close_checkout(mine)
