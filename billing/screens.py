"""Everything about one account, for support."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import quote
from django.db.models import Model, QuerySet
from django.urls import reverse

from billing.models import BillingAccount, Invoice, Operation, StripeEvent, Subscription
from billing.models import Quote as Quoted
from billing.money import in_words
from billing.plans import next_charge
from billing.showing import standing_of
from billing.standing import FACTS, decide
from billing.words import moment, title_of, without_links

# Of each kind, the latest.
SHOWN = 20


@dataclass(frozen=True)
class Table:
    """`place` lists all of them; each row leads to its page."""

    title: str
    place: str
    columns: list[str]
    rows: list[tuple[str, list[str]]]


def facts_of(account: BillingAccount) -> list[tuple[str, str]]:
    """The plan and what it comes to, in words."""
    row = account.subscriptions.newest_first().values(*FACTS).first()
    entitlements = decide(row)
    subscription = account.subscriptions.newest_first().first()
    owed = account.invoices.filter(status__in=("open", "uncollectible"))
    standing = standing_of(
        subscription, entitlements, account, owed.order_by("-created_at").first()
    )
    limit = entitlements.loc_limit
    lines = "without a limit" if limit is None else f"{limit:,} private lines"
    until = f", until {moment(entitlements.until)}" if entitlements.until else ""
    access = "only to look at" if entitlements.is_read_only else "full access"
    charge = next_charge(subscription, account)
    return [
        ("Plan", title_of(subscription) if subscription else "Free"),
        ("How it stands", f"{standing.word}. {standing.text}".strip()),
        ("May do now", f"{entitlements.plan.title()}, {lines}, {access}{until}"),
        ("Next charge", f"{charge.amount} on {moment(charge.at)}" if charge else "none"),
        ("Credit", in_words(account.credit, account.currency) if account.credit else "none"),
    ]


def tables_of(account: BillingAccount) -> list[Table]:
    """One query each."""
    return [
        _table(
            account, account.subscriptions.newest_first(), "Subscriptions",
            ["sold", "status", "amount", "period ends", "cancelled to"], _subscription,
        ),
        _table(
            account, account.invoices.order_by("-created_at", "id"), "Invoices",
            ["status", "total", "paid", "given back", "of"], _invoice,
        ),
        _table(
            account, account.operations.select_related("by").order_by("-asked_at"), "Operations",
            ["state", "asked by", "asked", "ended", "error"], _operation,
        ),
        _table(
            account, account.events.order_by("-created_at"), "Stripe events",
            ["state", "happened", "attempts"], _event,
        ),
        _table(
            account, account.quotes.select_related("price").order_by("-made_at"), "Quotes",
            ["due", "made", "holds until"], _quote,
        ),
    ]  # fmt: skip


def _table(
    account: BillingAccount,
    rows: QuerySet[Any],
    title: str,
    columns: list[str],
    cells: Callable[[Any], list[str]],
) -> Table:
    name = f"admin:{rows.model._meta.app_label}_{rows.model._meta.model_name}"
    return Table(
        title=title,
        place=f"{reverse(f'{name}_changelist')}?account={account.pk}",
        columns=["which", *columns],
        rows=[(_page_of(row, name), cells(row)) for row in rows[:SHOWN]],
    )


def _page_of(row: Model, name: str) -> str:
    return reverse(f"{name}_change", args=[quote(row.pk)])


def _at(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "–"


def _subscription(row: Subscription) -> list[str]:
    amount = in_words(row.amount, row.currency)
    ends, cancelled = _at(row.period_end), _at(row.cancels_at)
    return [row.stripe_id, title_of(row), row.status, amount, ends, cancelled]


def _invoice(row: Invoice) -> list[str]:
    amounts = (row.total, row.amount_paid, row.amount_refunded)
    said = [in_words(amount, row.currency) for amount in amounts]
    return [str(row), row.status, *said, _at(row.created_at)]


def _operation(row: Operation) -> list[str]:
    by = row.by.email if row.by else row.channel
    ended, error = _at(row.ended_at), without_links(row.error)
    return [row.get_kind_display(), row.get_state_display(), by, _at(row.asked_at), ended, error]


def _event(row: StripeEvent) -> list[str]:
    return [row.type, row.get_state_display(), _at(row.created_at), str(row.attempts)]


def _quote(row: Quoted) -> list[str]:
    due = in_words(row.amount_due, row.currency)
    return [title_of(row.price), due, _at(row.made_at), _at(row.expires_at)]
