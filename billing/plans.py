"""What can be chosen, what it changes, and what is charged next."""

from dataclasses import dataclass
from datetime import datetime

from billing.catalogue import catalogue, tier_title
from billing.discounts import after_discounts
from billing.models import BillingAccount, CatalogPrice, Quote, Subscription
from billing.money import in_words
from billing.prices import TierFit
from billing.words import plus_tax, title_of


@dataclass(frozen=True)
class Charge:
    """The next one, with `less` of credit and `more` that was owed before, and what it is for."""

    amount: str
    at: datetime
    less: str
    more: str
    text: str


def next_charge(subscription: Subscription | None, account: BillingAccount) -> Charge | None:
    """As far as it is known now: with the plan that is planned, after what is taken off each time,
    without tax.
    """
    if subscription is None or not subscription.renews or subscription.period_end is None:
        return None
    planned = subscription.next_lookup_key
    price = CatalogPrice.objects.filter(lookup_key=planned).first() if planned else None
    sold = price or subscription
    amount = after_discounts(sold.amount, subscription, account, subscription.period_end)
    used, owed = min(max(account.credit, 0), amount), max(-account.credit, 0)
    off = ", less your discount" if amount < sold.amount else ""
    return Charge(
        amount=in_words(amount, sold.currency),
        at=subscription.period_end,
        less=in_words(used, sold.currency) if used else "",
        more=in_words(owed, sold.currency) if owed else "",
        text=f"{title_of(sold)}{off}{',' if plus_tax() else ''}{plus_tax()}",
    )


@dataclass(frozen=True)
class Tier:
    """A row of the picker, priced in the rhythm that is chosen."""

    loc_limit: int
    title: str
    month: str
    year: str
    is_chosen: bool
    is_current: bool
    fits: bool
    is_too_small: bool


def tiers_of(
    prices: list[CatalogPrice], chosen: int, current: Subscription | None, fit: TierFit
) -> list[Tier]:
    """One row a tier, of prices in one currency."""
    by_tier: dict[int, dict[str, str]] = {}
    for price in prices:
        shown = in_words(price.amount, price.currency)
        by_tier.setdefault(price.loc_limit, {})[price.interval] = shown
    return [
        Tier(
            tier,
            tier_title(tier),
            shown.get("month", ""),
            shown.get("year", ""),
            is_chosen=tier == chosen,
            is_current=bool(current and current.loc_limit == tier),
            fits=fit.loc_limit == tier,
            is_too_small=tier < fit.loc,
        )
        for tier, shown in sorted(by_tier.items())
    ]


@dataclass(frozen=True)
class Amounts:
    """A quote in words."""

    lines: list[tuple[str, str]]
    subtotal: str
    tax: str
    credit: str
    owed: str
    total: str
    due: str
    next_amount: str
    carried_over: str


def amounts_of(quote: Quote) -> Amounts:
    def said(amount: int) -> str:
        return in_words(amount, quote.currency)

    # Before anything was taxed, nobody knows better.
    tax = plus_tax() if quote.tax or quote.is_of_trial else ""
    return Amounts(
        lines=[(line["text"], said(line["amount"])) for line in quote.lines],
        subtotal=said(quote.subtotal),
        tax=said(quote.tax) if quote.tax else "",
        credit=said(-quote.credit) if quote.credit > 0 else "",
        owed=said(-quote.credit) if quote.credit < 0 <= quote.total else "",
        total=said(quote.total),
        due=said(quote.amount_due),
        next_amount=f"{said(quote.next_amount)}{tax}",
        carried_over=said(quote.carried_over) if quote.carried_over else "",
    )


def currencies_for(account: BillingAccount | None, subscription: Subscription | None) -> list[str]:
    """The usual one first. Who has bought keeps to the currency of that."""
    fixed = subscription.currency if subscription else account.currency if account else ""
    known = catalogue()
    usual = known.default_currency
    return [fixed] if fixed else [usual, *(each for each in known.currencies if each != usual)]
