"""What is said about payments, step by step, each once: to the owners, and to the billing e-mail.

It follows from our copy alone, so that it can be asked after every sync and now and then besides.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.kinds import Kind, Severity
from accounts.notifications import Notice, notify, withdraw
from billing.discounts import after_discounts
from billing.models import BillingAccount, BillingNotice, Invoice, Operation, Subscription
from billing.money import in_words
from billing.standing import entitlements_for
from billing.trial_use import refused_trial
from billing.words import day, moment, plus_tax, title_of
from organizations.owners import active_owners_of

# Before access or a trial ends.
LAST_CALL, TRIAL_NOTICE = timedelta(days=2), timedelta(days=3)
# From one look at all accounts to the next, twice.
LATELY = timedelta(hours=2)
TROUBLE = (Kind.PAYMENT_FAILED, Kind.PAYMENT_UNCONFIRMED, Kind.ACCESS_ENDING)


@dataclass(frozen=True)
class Step:
    """`threshold` tells one time from the next."""

    kind: Kind
    threshold: str
    severity: Severity
    fact: str
    text: str
    action: str = "See what to do"
    urgent: bool = False


def tell(account: BillingAccount) -> int:
    """Say what has not been said yet. Returns how much that is."""
    subscription = account.subscriptions.newest_first().first()
    organization = account.organization
    if organization is None or organization.deletion_due_at or subscription is None:
        return 0
    return sum(_say(account, subscription, step) for step in steps_of(account, subscription))


def accounts_to_tell() -> Iterator[BillingAccount]:
    """Those with whom something may have come about that no sync told of, and those of whose last
    sync a worker may have died before it told.
    """
    live = Subscription.objects.live().filter(status__in=("past_due", "unpaid", "trialing"))
    synced = Q(synced_at__gt=timezone.now() - LATELY)
    accounts = BillingAccount.objects.filter(synced | Q(pk__in=live.values("account")))
    yield from accounts.select_related("organization").iterator(chunk_size=500)


def steps_of(account: BillingAccount, subscription: Subscription) -> Iterator[Step]:
    """All that is to be said of it now, whether or not it was."""
    status = subscription.known_status or subscription.status
    if status in ("past_due", "unpaid"):
        yield from _of_debt(account, subscription)
    elif status in ("active", "trialing"):
        yield from _of_recovery(subscription)
        yield from _of_trial(account, subscription)
        yield from _of_lapse(account, subscription)
    elif status == "canceled" and not refused_trial(account):
        yield _of_end(subscription)
    yield from _of_details(account)


def _of_debt(account: BillingAccount, subscription: Subscription) -> Iterator[Step]:
    owed, until = _owed(account), _kept_until(account)
    keeps = (
        f"You keep everything until {day(until)}; then nothing new is analysed."
        if until
        else "Nothing new is analysed until then; nothing is deleted."
    )
    amount = f" of {in_words(owed.amount_due, owed.currency)}" if owed else ""
    since = subscription.past_due_since
    began = f"{since:%Y-%m-%dT%H:%M:%S}" if since else ""
    yield _of_failure(subscription, owed, amount=amount, began=began, keeps=keeps)
    if until is None or until - timezone.now() <= LAST_CALL:
        yield Step(
            Kind.ACCESS_ENDING, began, Severity.DANGER,
            f"access ends on {day(until)}" if until else "nothing new is analysed",
            f"An owner has to pay the open invoice{amount} now. {keeps} Nothing is deleted, and "
            "as soon as it is paid all goes on.",
            urgent=True,
        )  # fmt: skip


def _kept_until(account: BillingAccount) -> datetime | None:
    organization = account.organization
    return entitlements_for(organization.pk).until if organization else None


def _of_failure(
    subscription: Subscription, owed: Invoice | None, *, amount: str, began: str, keeps: str
) -> Step:
    if subscription.is_sent_as_invoice:
        return Step(
            Kind.PAYMENT_FAILED, began, Severity.WARNING,
            f"an invoice{amount} is overdue",
            f"Whoever pays your invoices has to pay it. {keeps}",
            "See the invoice", urgent=True,
        )  # fmt: skip
    if owed and owed.needs_authentication:
        return Step(
            Kind.PAYMENT_UNCONFIRMED, owed.stripe_id, Severity.WARNING,
            f"your bank wants you to confirm a payment{amount}",
            f"An owner has to confirm the payment{amount} on our payment service's page, which the "
            f"billing page leads to. {keeps}",
            "Confirm the payment", urgent=True,
        )  # fmt: skip
    return Step(
        Kind.PAYMENT_FAILED, began, Severity.WARNING,
        f"a payment{amount} failed",
        f"An owner has to pay the open invoice or put in another card. {keeps}\n\n"
        "We try the card again in the next days.",
        urgent=True,
    )  # fmt: skip


def _owed(account: BillingAccount) -> Invoice | None:
    unpaid = account.invoices.filter(status__in=("open", "uncollectible"))
    return unpaid.order_by("-created_at").first()


def _of_recovery(subscription: Subscription) -> Iterator[Step]:
    """Only who was told of the trouble hears that it is over."""
    told = BillingNotice.objects.filter(
        account=subscription.account_id, subject=subscription.stripe_id, kind__in=TROUBLE
    )
    last = told.order_by("-told_at").first()
    if last is None or subscription.pending_until:
        return
    yield Step(
        Kind.PAYMENT_RECOVERED, last.threshold, Severity.GOOD,
        "the payment went through",
        "Nobody has to do anything. Everything goes on as before.",
        "See the billing page",
    )  # fmt: skip


def _of_trial(account: BillingAccount, subscription: Subscription) -> Iterator[Step]:
    ends = subscription.trial_end
    if subscription.status != "trialing" or subscription.cancels_at or ends is None:
        return
    if ends - timezone.now() > TRIAL_NOTICE:
        return
    amount = after_discounts(subscription.amount, subscription, account, ends)
    price = f"{in_words(amount, subscription.currency)}{plus_tax()}"
    has_card = bool(account.card)
    lead = (
        f"Nobody has to do anything: {price} is charged then for a {subscription.interval}. Who "
        "does not want that cancels by then."
        if has_card
        else f"An owner has to add a card by {moment(ends)}, or the Free plan follows."
    )
    yield Step(
        Kind.TRIAL_ENDING, f"{ends:%Y-%m-%dT%H:%M:%S}",
        Severity.INFO if has_card else Severity.WARNING,
        f"the trial of {title_of(subscription)} ends on {day(ends)}", lead, "See the billing page",
    )  # fmt: skip


def _of_lapse(account: BillingAccount, subscription: Subscription) -> Iterator[Step]:
    """An upgrade whose payment stayed open for too long."""
    ended = account.operations.filter(state=Operation.State.DONE).exclude(
        kind__in=(Operation.Kind.DETAILS, Operation.Kind.REFUND)
    )
    last = ended.select_related("quote__price").order_by("-ended_at").first()
    if last is None or last.quote is None or not last.had_to_be_paid or subscription.pending_until:
        return
    if subscription.price_id != last.quote.price_before:
        return
    yield Step(
        Kind.CHANGE_LAPSED, str(last.pk), Severity.WARNING,
        f"the change to {title_of(last.quote.price)} was not paid in time",
        f"Nobody has to do anything: you keep {title_of(subscription)} and nothing was charged. "
        "Who still wants the change asks for it again.",
        "See the billing page",
    )  # fmt: skip


def _of_end(subscription: Subscription) -> Step:
    when = subscription.ended_at or timezone.now()
    return Step(
        Kind.SUBSCRIPTION_ENDED, f"{when:%Y-%m-%dT%H:%M:%S}", Severity.WARNING,
        f"the subscription of {title_of(subscription)} has ended",
        "Nobody has to do anything. This is the Free plan now: nothing was deleted, and what "
        "grows a project beyond it is not analysed. A plan can be chosen again at any time.",
        "Choose a plan",
    )  # fmt: skip


def _of_details(account: BillingAccount) -> Iterator[Step]:
    for tax_id in account.tax_ids:
        if tax_id.get("status") == "unverified":
            yield Step(
                Kind.BILLING_DETAILS, tax_id["id"], Severity.WARNING,
                f"the tax id {tax_id['value']} could not be confirmed",
                "An owner should check it. The authorities don't know it under this name and "
                "address, so tax may be charged that you need not pay.",
                "Check the details",
            )  # fmt: skip
    for draft in account.invoices.filter(status="draft").exclude(flaw=""):
        yield Step(
            Kind.BILLING_DETAILS, draft.stripe_id, Severity.WARNING,
            "an invoice can't be finished without your address",
            "An owner has to complete the billing address. Tax depends on it; the invoice is "
            "finished as soon as it is there.",
            "Complete the address",
        )  # fmt: skip


@transaction.atomic
def _say(account: BillingAccount, subscription: Subscription, step: Step) -> bool:
    """Whether it is said only now."""
    organization = account.organization
    if organization is None:
        return False
    owners = list(active_owners_of(organization.pk))
    is_owners = account.email.casefold() in {owner.email.casefold() for owner in owners}
    title = f"{organization.name}: {step.fact}"
    notice, is_new = BillingNotice.objects.get_or_create(
        account=account,
        kind=step.kind,
        subject=subscription.stripe_id,
        threshold=step.threshold,
        defaults={
            "title": title,
            "text": step.text,
            "email": account.email,
            "mailed_at": timezone.now() if is_owners or not account.email else None,
        },
    )
    if not is_new:
        return False
    if step.kind == Kind.PAYMENT_RECOVERED:
        _take_back(subscription)
    page = "details" if step.kind == Kind.BILLING_DETAILS else "detail"
    notify(
        owners,
        Notice(
            kind=step.kind,
            subject=subscription.stripe_id,
            threshold=step.threshold,
            severity=step.severity,
            title=title,
            text=step.text,
            action_label=step.action,
            action_path=reverse(f"billing:{page}", args=[organization.key]),
            urgent=step.urgent,
        ),
    )
    return True


def _take_back(subscription: Subscription) -> None:
    """Nobody has to act on what was said of the trouble."""
    for kind in TROUBLE:
        withdraw(kind, subscription.stripe_id)
    waiting = BillingNotice.objects.filter(
        account=subscription.account_id, subject=subscription.stripe_id, mailed_at=None
    )
    waiting.filter(kind__in=TROUBLE).update(mailed_at=timezone.now())
