"""Everything about one account, for support."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from billing.models import BillingAccount, Invoice, Operation, StripeEvent, Subscription
from billing.models import Quote as Quoted
from billing.money import in_words
from billing.plans import next_charge
from billing.showing import standing_of
from billing.standing import FACTS, decide
from billing.words import moment, title_of, without_links
from core.panels import Panel, Table, list_of, page_of, table_of, to_the_minute
from organizations.models import Organization

# Of each kind, the latest.
SHOWN = 20


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
        ("How it stands", f"{standing.word}. {standing.text} {standing.charge}".strip()),
        ("May do now", f"{entitlements.plan.title()}, {lines}, {access}{until}"),
        ("Next charge", f"{charge.amount} on {moment(charge.at)}" if charge else "none"),
        ("Credit", in_words(account.credit, account.currency) if account.credit else "none"),
    ]


def tables_of(account: BillingAccount) -> list[Table]:
    """One query each."""
    return [
        _subscriptions(account),
        _invoices(account),
        _operations(account, account.operations.all(), "Operations"),
        _table(
            account, account.events.order_by("-created_at"), "Stripe events",
            ["state", "happened", "attempts"], _event,
        ),
        _table(
            account, account.quotes.select_related("price").order_by("-made_at"), "Quotes",
            ["due", "made", "holds until"], _quote,
        ),
    ]  # fmt: skip


def billing(organization: Organization) -> Panel:
    """What support sees of an organization in this room."""
    account = BillingAccount.objects.filter(organization=organization).first()
    if account is None:
        return Panel("Billing", [("Plan", "nothing was ever bought")])
    under_way = _operations(account, account.operations.open(), "Operations under way")
    tables = [_subscriptions(account), _invoices(account), under_way]
    return Panel("Billing", facts_of(account), tables, place=page_of(account))


def payer(organization: Organization) -> Panel:
    """Who pays for an organization and how that stands, without the lists."""
    account = BillingAccount.objects.filter(organization=organization).first()
    if account is None:
        return Panel("Billing", [("Plan", "nothing was ever bought")])
    who = [("Billing e-mail", account.email or "–"), ("Name on invoices", account.name or "–")]
    return Panel("Billing", who + facts_of(account), place=page_of(account))


def _subscriptions(account: BillingAccount) -> Table:
    columns = ["sold", "status", "amount", "period ends", "cancelled to"]
    rows = account.subscriptions.newest_first()
    return _table(account, rows, "Subscriptions", columns, _subscription)


def _invoices(account: BillingAccount) -> Table:
    columns = ["status", "total", "paid", "given back", "of"]
    rows = account.invoices.order_by("-created_at", "id")
    return _table(account, rows, "Invoices", columns, _invoice)


def _operations(account: BillingAccount, among: QuerySet[Operation], title: str) -> Table:
    columns = ["state", "asked by", "asked", "ended", "error"]
    rows = among.select_related("by").order_by("-asked_at")
    return _table(account, rows, title, columns, _operation)


def _table(
    account: BillingAccount,
    rows: QuerySet[Any],
    title: str,
    columns: list[str],
    cells: Callable[[Any], list[str]],
) -> Table:
    place = list_of(rows.model, f"?account={account.pk}")
    return table_of(title, ["which", *columns], rows[:SHOWN], cells, place=place)


def _subscription(row: Subscription) -> list[str]:
    amount = in_words(row.amount, row.currency)
    ends, cancelled = to_the_minute(row.period_end), to_the_minute(row.cancels_at)
    return [row.stripe_id, title_of(row), row.status, amount, ends, cancelled]


def _invoice(row: Invoice) -> list[str]:
    amounts = (row.total, row.amount_paid, row.amount_refunded)
    said = [in_words(amount, row.currency) for amount in amounts]
    return [str(row), row.status, *said, to_the_minute(row.created_at)]


def _operation(row: Operation) -> list[str]:
    by = row.by.email if row.by else row.channel
    ended, error = to_the_minute(row.ended_at), without_links(row.error)
    return [
        row.get_kind_display(),
        row.get_state_display(),
        by,
        to_the_minute(row.asked_at),
        ended,
        error,
    ]


def _event(row: StripeEvent) -> list[str]:
    return [row.type, row.get_state_display(), to_the_minute(row.created_at), str(row.attempts)]


def _quote(row: Quoted) -> list[str]:
    due = in_words(row.amount_due, row.currency)
    return [title_of(row.price), due, to_the_minute(row.made_at), to_the_minute(row.expires_at)]
