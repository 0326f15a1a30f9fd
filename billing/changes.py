"""What owners ask for once they have a subscription. A worker does it."""

import uuid
from typing import Any

from django.db import transaction

from accounts.models import User
from billing import tasks
from billing.allowed import refuse_agreed, subscription_of_account, way_to
from billing.directions import Way
from billing.errors import (
    AccountBusy,
    BelowUse,
    CreditOfUnpaid,
    NothingToChange,
    QuoteNeeded,
    QuoteVoid,
    TakesEffectNow,
)
from billing.models import BillingAccount, CatalogPrice, Invoice, Operation, Quote
from billing.quotes import refuse_if_void
from billing.usage import lines_with_analyses
from core.context import channel
from core.db import unique_or
from core.queue import queue_on_commit
from organizations import audit
from organizations.models import Organization

Kind = Operation.Kind


def open_account(organization: Organization, *, by: User) -> BillingAccount:
    """The organization's, made now if nothing was ever bought."""
    known = {"email": by.email, "name": organization.name}
    account, _ = BillingAccount.objects.get_or_create(organization=organization, defaults=known)
    return account


@transaction.atomic
def accept_quote(account: BillingAccount, quote_id: uuid.UUID, *, by: User) -> Operation:
    """Have what was quoted done now, and charged. Accepting it twice is once.

    Raises QuoteVoid, also for a quote of another account.
    """
    locked = _lock(account)
    quote = locked.quotes.select_related("operation", "price").filter(pk=quote_id).first()
    if quote is None:
        raise QuoteVoid
    if accepted := Operation.objects.filter(quote=quote).first():
        return accepted
    refuse_if_void(quote, locked)
    said = {"lookup_key": quote.price.lookup_key, "total": quote.total, "due": quote.amount_due}
    return _ask(locked, _kind_of(quote), by=by, quote=quote, params={}, said=said)


def _kind_of(quote: Quote) -> Operation.Kind:
    """Raises QuoteVoid where it is too late for that."""
    if quote.is_of_resumption:
        if quote.subscription.status != "paused":
            raise QuoteVoid
        return Kind.RESUME
    if way_to(quote.subscription, quote.price) != Way.NOW:
        raise QuoteVoid
    return Kind.UPGRADE


@transaction.atomic
def plan_change(
    account: BillingAccount, price: CatalogPrice, *, by: User, confirmed: bool = False
) -> Operation:
    """Have another plan from the next period on. Below the lines in use only if that is confirmed.

    Raises TakesEffectNow, BelowUse, and whatever speaks against the change.
    """
    locked = _lock(account)
    subscription = subscription_of_account(locked)
    if way_to(subscription, price) != Way.LATER:
        raise TakesEffectNow
    if not confirmed and lines_in_use(locked.organization) > price.loc_limit:
        raise BelowUse
    params = {"lookup_key": price.lookup_key}
    until = subscription.period_end
    return _ask(locked, Kind.DOWNGRADE, by=by, params=params, said=params, tried_until=until)


def lines_in_use(organization: Organization | None) -> int:
    """By the counter that everything is sold and refused by."""
    return lines_with_analyses(organization.pk) if organization else 0


@transaction.atomic
def undo_change(account: BillingAccount, *, by: User) -> Operation:
    """Call off what is planned for the next period, or waits for its payment."""
    locked = _lock(account)
    subscription = subscription_of_account(locked)
    if not subscription.next_lookup_key and not subscription.pending_until:
        raise NothingToChange("Nothing is planned, and nothing waits for its payment.")
    return _ask(locked, Kind.UNDO, by=by, params={}, tried_until=subscription.period_end)


@transaction.atomic
def cancel_subscription(
    account: BillingAccount, *, by: User, feedback: str = "", comment: str = ""
) -> Operation:
    """Have it end with the period that is paid. Until then it can be resumed."""
    locked = _lock(account)
    subscription = subscription_of_account(locked)
    refuse_agreed(subscription)
    if subscription.cancels_at:
        raise NothingToChange("It is cancelled already, and ends with its period.")
    params, until = {"feedback": feedback, "comment": comment}, subscription.period_end
    said = {"feedback": feedback}
    return _ask(locked, Kind.CANCEL, by=by, params=params, said=said, tried_until=until)


@transaction.atomic
def resume_subscription(account: BillingAccount, *, by: User) -> Operation:
    """Have what was cancelled go on after all. Raises QuoteNeeded for what is paused."""
    locked = _lock(account)
    subscription = subscription_of_account(locked)
    if subscription.status == "paused":
        raise QuoteNeeded
    if not subscription.cancels_at:
        raise NothingToChange("It goes on as it is.")
    return _ask(locked, Kind.RESUME, by=by, params={}, tried_until=subscription.period_end)


@transaction.atomic
def change_details(account: BillingAccount, *, by: User, **details: Any) -> Operation:
    """`email`, `name`, `address`, `tax_id` to add and `remove_tax_id`, as far as given."""
    locked = _lock(account)
    said = {"fields": sorted(details)}
    return _ask(locked, Kind.DETAILS, by=by, params=details, said=said)


@transaction.atomic
def end_subscription(
    account: BillingAccount, *, by: User | None, reason: str, credit_unused: bool = False
) -> Operation:
    """At once. For support, and for an organization that was deleted. Raises CreditOfUnpaid."""
    locked = _lock(account)
    subscription = subscription_of_account(locked)
    latest = locked.invoices.filter(stripe_id=subscription.latest_invoice_id)
    if credit_unused and latest.exclude(status__in=Invoice.SETTLED).exists():
        raise CreditOfUnpaid
    # Asked for again, it forgives no more and no less.
    params = {
        "subscription_id": subscription.stripe_id,
        "credit_unused": credit_unused,
        "forgives": by is not None,
    }
    said = {"reason": reason, **params}
    return _ask(locked, Kind.END, by=by, params=params, said=said, reason=reason)


@transaction.atomic
def attach_subscription(
    organization: Organization, subscription_id: str, *, by: User, reason: str
) -> Operation:
    """Give an organization what was agreed on with it, and made at Stripe. For support."""
    known = {"name": organization.name}
    account, _ = BillingAccount.objects.get_or_create(organization=organization, defaults=known)
    params = {"subscription_id": subscription_id}
    said = {"reason": reason, **params}
    return _ask(_lock(account), Kind.ATTACH, by=by, params=params, said=said, reason=reason)


@transaction.atomic
def ask_again(failed: Operation, *, by: User, reason: str) -> Operation:
    """The same as one that failed. For support."""
    said = {"reason": reason, "after": str(failed.pk)}
    kind = Kind(failed.kind)
    locked = _lock(failed.account)
    return _ask(locked, kind, by=by, params=failed.params, said=said, reason=reason)


def _lock(account: BillingAccount) -> BillingAccount:
    return (
        BillingAccount.objects.select_for_update(of=("self",))
        .select_related("organization")
        .get(pk=account.pk)
    )


def _ask(
    account: BillingAccount,
    kind: Operation.Kind,
    *,
    by: User | None,
    said: dict[str, Any] | None = None,
    **values: Any,
) -> Operation:
    """One at a time. Raises AccountBusy while another one is under way."""
    with unique_or(AccountBusy()):
        operation = Operation.objects.create(
            account=account, kind=kind, by=by, channel=channel(), **values
        )
    audit.record(
        account.organization,
        f"billing.{kind}_asked",
        by=by,
        operation=str(operation.pk),
        **(said or {}),
    )
    queue_on_commit(tasks.run_operation, operation_id=str(operation.pk))
    return operation
