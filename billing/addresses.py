"""Addresses at Stripe that an operation keeps for whoever has to go there. Whoever has one may use
it, so it goes as soon as nobody needs it: a checkout that has ended, an upgrade that waits for no
payment any more.
"""

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from billing.models import BillingAccount, Operation, Subscription


def forget_addresses_of(account: BillingAccount) -> None:
    """To be called when our copy is new, by whoever has the account's turn."""
    _forget(_needless().filter(account=account))


def forget_all_addresses() -> None:
    """Time alone ends some. What a copy that is behind says of upgrades is not believed."""
    is_known = Q(kind=Operation.Kind.CHECKOUT) | Q(account__wanted_at=None)
    _forget(_needless().filter(is_known).exclude(state=Operation.State.WAITING))


def _needless() -> QuerySet[Operation]:
    now, live = timezone.now(), Subscription.objects.live().filter(account=OuterRef("account"))
    is_open = Q(
        kind=Operation.Kind.CHECKOUT,
        session=F("account__checkout_id"),
        account__checkout_expires_at__gt=now,
    ) & ~Exists(live)
    waits = Q(kind=Operation.Kind.UPGRADE) & Exists(live.filter(pending_until__gt=now))
    kept = Operation.objects.exclude(url="").annotate(session=KT("steps__session"))
    return kept.exclude(is_open | waits)


def _forget(operations: QuerySet[Operation]) -> None:
    Operation.objects.filter(pk__in=operations.values("pk")).update(url="")
