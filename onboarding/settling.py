"""What becomes of an import that is being paid: an organization, or its way back."""

import uuid
from contextlib import suppress

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from billing.errors import AccountBusy, StripeKeyRefused, StripeSilent
from billing.models import Operation, Subscription
from billing.operations import follow, is_open, is_paid
from onboarding import creating, stranded
from onboarding.errors import NotReady, TokenGone
from onboarding.models import Import
from organizations import audit


def settle(import_id: uuid.UUID) -> None:
    """Look at what was paid, and act on it. Safe to run twice, at once, and at any time."""
    reserved = Import.objects.filter(is_reserved=True, billing__isnull=False)
    import_ = reserved.select_related("billing", "user").filter(pk=import_id).first()
    if import_ is None or import_.billing is None:
        return
    if not is_paid(import_.billing):
        try:
            follow(import_.billing)
        except (AccountBusy, StripeSilent, StripeKeyRefused):
            # Nothing is known; the sweep asks again.
            return
    if is_paid(import_.billing):
        _complete(import_)
    elif not is_open(import_.billing):
        let_go(import_)


def _complete(import_: Import) -> None:
    """An organization for who paid. Where the token died meanwhile, it takes another one first."""
    if _note_payment(import_):
        # Given back, or found to be unreadable, in this moment.
        with suppress(NotReady, TokenGone):
            creating.create(import_, by=import_.user)
    stranded.note(import_.pk)


@transaction.atomic
def _note_payment(import_: Import) -> bool:
    """Whether it may be created now."""
    locked = creating.lock(import_)
    if not locked.is_reserved or locked.given_back_at:
        return False
    if locked.paid_at is None:
        creating.change(locked, paid_at=timezone.now())
        audit.record(None, "import.paid", by=locked.user, import_id=str(locked.pk))
    return locked.state in creating.CREATABLE and locked.secret is not None


@transaction.atomic
def let_go(import_: Import) -> None:
    """Nobody can pay any more: key and external organization are free, and nothing else is lost."""
    locked = creating.lock(import_)
    if not locked.is_reserved or locked.billing is None or is_open(locked.billing):
        return
    state = Import.State.READY if locked.is_being_paid else locked.state
    creating.change(locked, state=state, **creating.HELD_NO_MORE)
    audit.record(None, "import.payment_ended", by=locked.user, import_id=str(locked.pk))


def to_settle() -> QuerySet[Import, uuid.UUID]:
    """Paid and not created, stranded and not told, or neither paid nor payable any more."""
    account = OuterRef("billing")
    live = Subscription.objects.live().filter(account=account)
    waiting = Operation.objects.open().filter(account=account, kind=Operation.Kind.CHECKOUT)
    creatable = Q(state__in=creating.CREATABLE, secret__isnull=False, given_back_at=None)
    over = Q(billing__checkout_id="") | Q(billing__checkout_expires_at__lt=timezone.now())
    reserved = Import.objects.filter(is_reserved=True, billing__isnull=False, organization=None)
    return reserved.filter(
        Exists(live.exclude(status="incomplete")) & creatable
        | Q(pk__in=stranded.unnoticed().values("pk"))
        | ~Exists(live) & ~Exists(waiting) & over
    ).values_list("pk", flat=True)
