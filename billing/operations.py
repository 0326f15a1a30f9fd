"""What can be asked of billing. A worker does it."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from billing import purchasing, running, tasks
from billing.errors import (
    AccountBusy,
    CheckoutUnknown,
    CheckoutWithdrawn,
    CurrencyFixed,
    SubscribedAlready,
)
from billing.models import BillingAccount, CatalogPrice, Operation
from billing.trial_use import External, external_of, second_trial, trial_days
from billing.turns import account_turn
from core.context import channel
from core.db import unique_or
from core.queue import queue_on_commit
from organizations import audit


@transaction.atomic
def start_checkout(
    account: BillingAccount,
    *,
    price: CatalogPrice,
    by: User,
    success: str = "",
    cancel: str = "",
    external: External | None = None,
) -> Operation:
    """Have a checkout opened, at whose end Stripe sends the person to the path `success` or
    `cancel`. Asking again for what is open gives the same checkout. `external` is for whom it is
    bought, where there is no organization yet.

    Raises SubscribedAlready, CurrencyFixed, and AccountBusy while something else is under way.
    """
    locked = BillingAccount.objects.select_for_update().get(pk=account.pk)
    if locked.subscriptions.live().exists():
        raise SubscribedAlready
    if locked.currency not in ("", price.currency):
        raise CurrencyFixed
    if locked.organization:
        external = external_of(locked.organization)
    if external:
        BillingAccount.objects.filter(pk=locked.pk).update(**external._asdict())
    params = {
        "lookup_key": price.lookup_key,
        "trial": bool(trial_days(locked, external)),
        "success": success or _page("paid", locked),
        "cancel": cancel or _page("detail", locked),
    }
    return _open_already(locked, params) or _ask(locked, params, by=by)


def _page(name: str, account: BillingAccount) -> str:
    organization = account.organization
    return reverse(f"billing:{name}", args=[organization.key]) if organization else reverse("home")


def _ask(account: BillingAccount, params: dict[str, Any], *, by: User) -> Operation:
    with unique_or(AccountBusy()):
        operation = Operation.objects.create(
            account=account, kind=Operation.Kind.CHECKOUT, by=by, channel=channel(), params=params
        )
    told = {"operation": str(operation.pk), "lookup_key": params["lookup_key"]}
    audit.record(account.organization, "billing.checkout_asked", by=by, **told)
    queue_on_commit(tasks.run_operation, operation_id=str(operation.pk))
    return operation


def _open_already(account: BillingAccount, params: dict[str, Any]) -> Operation | None:
    last = newest_checkout(account)
    if last is None or last.params != params:
        return None
    is_open = account.checkout_is_open and last.steps.get("session") == account.checkout_id
    under_way = last.state == Operation.State.WAITING
    return last if under_way or (is_open and last.state == Operation.State.DONE) else None


def newest_checkout(account: BillingAccount) -> Operation | None:
    """The latest one that was asked for, however it stands."""
    checkouts = account.operations.filter(kind=Operation.Kind.CHECKOUT)
    return checkouts.order_by("-asked_at").first()


def is_paid(account: BillingAccount) -> bool:
    """Whether our copy has a subscription whose first payment, or trial, is settled. A card's
    second trial is not: it is about to end.
    """
    fresh = BillingAccount.objects.get(pk=account.pk)
    settled = fresh.subscriptions.live().exclude(status="incomplete").exists()
    return settled and second_trial(fresh) is None


def is_open(account: BillingAccount) -> bool:
    """Whether it is, or may still become, paid."""
    fresh = BillingAccount.objects.get(pk=account.pk)
    checkouts = fresh.operations.open().filter(kind=Operation.Kind.CHECKOUT)
    return bool(fresh.checkout_id) or checkouts.exists() or fresh.subscriptions.live().exists()


@transaction.atomic
def give_back(account: BillingAccount, *, reason: str) -> None:
    """Have what is paid cancelled and all of it refunded. Asking twice is once; where it failed, it
    is asked for again.
    """
    locked = BillingAccount.objects.select_for_update().get(pk=account.pk)
    subscription = locked.subscriptions.live().first()
    if subscription is None:
        return
    params = {"subscription_id": subscription.stripe_id, "why": "requested_by_customer"}
    refunds = locked.operations.filter(
        kind=Operation.Kind.REFUND, params__subscription_id=subscription.stripe_id
    )
    is_under_way = Q(state=Operation.State.WAITING)
    # What support has given up is theirs to end.
    if refunds.filter(is_under_way | Q(error_code=Operation.GIVEN_UP)).exists():
        return
    operation = Operation.objects.create(
        account=locked, kind=Operation.Kind.REFUND, channel="system", reason=reason, params=params
    )
    told = {"account": str(locked.pk), "reason": reason, **params}
    audit.record(locked.organization, "billing.refund_asked", by=None, **told)
    queue_on_commit(tasks.run_operation, operation_id=str(operation.pk))


def arrive(account: BillingAccount, session_id: str) -> None:
    """Somebody comes back from a checkout: look how it ended, and grant nothing for coming.

    Raises CheckoutUnknown for a checkout that is not this account's, before Stripe is asked.
    """
    checkouts = account.operations.filter(kind=Operation.Kind.CHECKOUT)
    if not session_id or not checkouts.filter(steps__session=session_id).exists():
        raise CheckoutUnknown
    follow(account)


def follow(account: BillingAccount) -> str:
    """Look how the open checkout stands, and make our copy right. Raises AccountBusy."""
    with account_turn(account.pk) as mine:
        return purchasing.follow_checkout(mine)


def withdraw_checkout(account: BillingAccount) -> None:
    """Let nobody pay any more what was offered. Raises SubscribedAlready where somebody has."""
    with account_turn(account.pk) as mine:
        running.give_up(mine, Operation.Kind.CHECKOUT, CheckoutWithdrawn())
        purchasing.close_checkout(mine)
        if mine.subscriptions.live().exists():
            raise SubscribedAlready
