"""What a person does about paying for an import."""

from django.db import transaction
from django.urls import reverse

from accounts.models import User
from billing.errors import CheckoutUnknown, SubscribedAlready
from billing.models import BillingAccount
from billing.operations import arrive, is_paid, start_checkout, withdraw_checkout
from billing.prices import price_named
from billing.stripe_api import is_live
from billing.trial_use import External, trial_days
from bindings.errors import AlreadyImported
from core.queue import queue_on_commit
from onboarding import creating, settling, tasks
from onboarding.errors import DetailsMissing, ImportOver, NotReady, PaidAlready
from onboarding.models import Import
from onboarding.reserving import refuse_what_is_here, reserve
from organizations import audit


def begin_payment(import_: Import, *, by: User) -> None:
    """Hold key and external organization, and have a checkout opened. Twice is the same checkout.

    Raises KeyTaken, BeingPaid and AlreadyImported; the import then shows the ways that are left.
    """
    try:
        _begin(import_, by=by)
    except AlreadyImported:
        creating.give_way(import_, by=by)
        raise


@transaction.atomic(durable=True)
def _begin(import_: Import, *, by: User) -> None:
    locked = creating.lock(import_)
    if locked.state in (Import.State.CREATED, Import.State.EXPIRED):
        raise ImportOver
    if locked.state not in creating.CREATABLE:
        raise NotReady
    if not locked.has_details:
        raise DetailsMissing
    account = locked.billing or BillingAccount.objects.create(
        email=by.email, name=locked.name, is_live=is_live()
    )
    if not locked.is_reserved:
        reserve(locked, state=Import.State.PAYMENT_REQUIRED, billing=account)
        refuse_what_is_here(locked)
        audit.record(None, "import.payment_begun", by=by, import_id=str(locked.pk))
    if is_paid(account):
        # In another tab, or by a checkout that was thought to have ended.
        queue_on_commit(tasks.settle_import, import_id=str(locked.pk))
    else:
        _check_out(locked, account, by=by)


def _check_out(import_: Import, account: BillingAccount, *, by: User) -> None:
    start_checkout(
        account,
        price=price_named(import_.lookup_key),
        by=by,
        success=reverse("onboarding:paid", args=[import_.pk]),
        cancel=reverse("onboarding:plan", args=[import_.pk]),
        external=_external(import_),
    )


def trial_days_of(import_: Import) -> int:
    """An external organization has one trial, however often it is imported."""
    return trial_days(import_.billing, _external(import_))


def _external(import_: Import) -> External:
    return External(import_.platform, import_.external_id)


def return_from_checkout(import_: Import, session_id: str) -> None:
    """Somebody comes back from paying: look whether it is so. Nothing is granted for coming.

    Raises CheckoutUnknown for a checkout of somebody else.
    """
    if import_.billing is None:
        raise CheckoutUnknown
    arrive(import_.billing, session_id)
    queue_on_commit(tasks.settle_import, import_id=str(import_.pk))


def reopen_import(import_: Import) -> None:
    """End what could still be paid, so that everything can be changed again. Nothing typed is
    lost. Raises PaidAlready.
    """
    import_.refresh_from_db(fields=["is_reserved", "paid_at", "billing"])
    if not import_.is_reserved or import_.billing is None:
        return
    if import_.paid_at:
        raise PaidAlready
    try:
        withdraw_checkout(import_.billing)
    except SubscribedAlready as error:
        queue_on_commit(tasks.settle_import, import_id=str(import_.pk))
        raise PaidAlready from error
    settling.let_go(import_)
