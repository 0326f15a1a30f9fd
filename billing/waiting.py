"""Organizations that wait to be deleted: what they pay for is cancelled, so that nothing more is
charged, and goes on where they are brought back.

It follows from rows alone, so that it may be asked often, late, or after somebody died: the newest
cancellation or resumption of an account says by its reason whether the cancelling was ours.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from billing.errors import AccountBusy
from billing.models import BillingAccount, Operation, Subscription
from core.db import unique_or
from organizations import audit
from organizations.models import Organization

Kind = Operation.Kind

MOST_AT_ONCE = 100
# After a failure.
AGAIN = timedelta(hours=1)
STOPPED = "Its organization waits to be deleted."
GOES_ON = "Its organization was brought back."
REASONS = {Kind.CANCEL: STOPPED, Kind.RESUME: GOES_ON}
# What nobody paid yet, or goes on only when somebody pays, charges nothing by itself.
CHARGES_NOTHING = ("incomplete", "paused")


def accounts_to_settle() -> Sequence[tuple[BillingAccount, Operation.Kind]]:
    """Those whose subscription is to be cancelled or to go on, and that nobody is at yet, nor
    failed to be at just now.
    """
    just_now = Q(state=Operation.State.FAILED, ended_at__gt=timezone.now() - AGAIN)
    ours = Q(reason__in=REASONS.values())
    busy = Operation.objects.filter(Q(state=Operation.State.WAITING) | just_now & ours)
    live = Subscription.objects.live()
    kept = live.filter(cancels_at=None).exclude(status__in=CHARGES_NOTHING)
    ending = live.filter(cancels_at__isnull=False)
    accounts = BillingAccount.objects.exclude(pk__in=busy.values("account"))
    accounts = accounts.annotate(last_reason=_last_reason(), due=F("organization__deletion_due_at"))
    stop = accounts.filter(pk__in=kept.values("account"), due__isnull=False)
    go_on = accounts.filter(
        pk__in=ending.values("account"),
        due=None,
        organization__isnull=False,
        last_reason=STOPPED,
    )
    return [(each, Kind.CANCEL) for each in stop[:MOST_AT_ONCE]] + [
        (each, Kind.RESUME) for each in go_on[:MOST_AT_ONCE]
    ]


def _last_reason() -> Subquery:
    done = Operation.objects.filter(
        account=OuterRef("pk"), kind__in=REASONS, state=Operation.State.DONE
    )
    return Subquery(done.order_by("-asked_at").values("reason")[:1])


@transaction.atomic
def settle(account: BillingAccount, kind: Operation.Kind) -> Operation | None:
    """Ask for it, unless the organization was asked to go, or brought back, meanwhile. Raises
    AccountBusy.
    """
    if account.organization_id is None:
        return None
    locked = Organization.objects.select_for_update().filter(pk=account.organization_id)
    organization = locked.first()
    subscription = account.subscriptions.live().first()
    if organization is None or subscription is None:
        return None
    if (organization.deletion_due_at is not None) != (kind == Kind.CANCEL):
        return None
    with unique_or(AccountBusy()):
        operation = Operation.objects.create(
            account=account,
            kind=kind,
            channel="system",
            reason=REASONS[kind],
            tried_until=subscription.period_end,
        )
    said = {"operation": str(operation.pk), "reason": REASONS[kind]}
    audit.record(organization, f"billing.{kind}_asked", by=None, **said)
    return operation
