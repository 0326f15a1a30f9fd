"""The plans as the import shows them, and the tier that is picked there."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from billing.catalogue import Catalogue, catalogue, tier_title
from billing.models import CatalogPrice, Interval, Plan
from billing.money import in_words
from billing.prices import TierFit
from onboarding.models import Import

# Buttons that change what is shown, and decide nothing.
LESS, MORE, SHOW, SLIDE = "less", "more", "show", "slide"


@dataclass(frozen=True)
class PlanCard:
    """`features` are those that the plan `before` has not."""

    value: str
    title: str
    price: str
    period: str
    text: str
    before: str
    features: tuple[str, ...]
    fits: bool
    is_picked: bool
    # There is no price for it.
    is_missing: bool
    # Where to write to about a plan that is agreed on, and can't be picked.
    link: str


@dataclass(frozen=True)
class Choice:
    """What is picked. `lines` is how many somebody said to need."""

    plan: str
    loc_limit: int
    interval: str
    currency: str
    lines: int | None = None


@dataclass(frozen=True)
class Tier:
    """A step of the picker, with its price in the interval and currency that are picked."""

    loc_limit: int
    title: str
    price: str
    is_picked: bool
    fits: bool


@dataclass(frozen=True)
class Offer:
    """What a choice costs, and when. Without a trial, that is when it is bought."""

    title: str
    price: str
    period: str
    trial_days: int
    first_charge: datetime
    saved: str
    saves_by_the_year: bool


def cards(choice: Choice, prices: list[CatalogPrice], fit: TierFit | None) -> list[PlanCard]:
    """Free, Team and Enterprise, each with what it has more than the one before."""
    known = catalogue()
    free = (in_words(0, choice.currency), "for ever")
    priced = {
        Plan.FREE: free,
        Plan.TEAM: _least(choice, prices),
        Plan.ENTERPRISE: ("By agreement", f"from {tier_title(known.enterprise_from)} lines"),
    }
    made: list[PlanCard] = []
    for plan, (price, period) in priced.items():
        made.append(
            PlanCard(
                value=plan,
                title=plan.label,
                price=price,
                period=period,
                text=known.plan(plan).text,
                before=made[-1].title if made else "",
                features=_news(known, plan),
                fits=fit is not None and fit.plan == plan,
                is_picked=choice.plan == plan,
                is_missing=plan == Plan.TEAM and not prices,
                link=contact_link(plan) if plan == Plan.ENTERPRISE else "",
            )
        )
    return made


def _least(choice: Choice, prices: list[CatalogPrice]) -> tuple[str, str]:
    amounts = [
        price.amount
        for price in prices
        if (price.currency, price.interval) == (choice.currency, Interval.MONTH)
    ]
    if not amounts:
        return "Not sold here yet", ""
    return f"from {in_words(min(amounts), choice.currency)}", "a month"


def _news(known: Catalogue, plan: Plan) -> tuple[str, ...]:
    order = list(Plan)
    before = known.plan(order[order.index(plan) - 1]).features if plan != Plan.FREE else ()
    facts = known.plan(plan)
    limits = [f"{facts.loc_limit:,} private lines of code"] if facts.loc_limit else []
    limits += [f"Up to {facts.members} members"] if facts.members else []
    if plan == Plan.TEAM:
        limits = [f"Up to {tier_title(known.tiers[-1])} private lines of code"]
    return (*limits, *(known.features[code] for code in facts.features if code not in before))


def contact_link(plan: Plan) -> str:
    return f"mailto:{settings.BILLING_CONTACT}?subject={quote(f'Mooring {plan.label}')}"


def first_choice(import_: Import, prices: list[CatalogPrice], fit: TierFit | None) -> Choice:
    """What was chosen before, or Free, with the tier that fits ready to be picked."""
    known = catalogue()
    chosen = next((p for p in prices if p.lookup_key == import_.lookup_key), None)
    if chosen:
        return Choice(Plan.TEAM, chosen.loc_limit, chosen.interval, chosen.currency)
    return Choice(
        Plan.FREE,
        _nearest(fit.loc) if fit else known.tiers[0],
        Interval.MONTH,
        known.default_currency,
    )


def read_choice(typed: Mapping[str, str], before: Choice) -> Choice:
    """What was picked on the page. It has several ways to pick a tier, and knows what it showed:
    the one that differs from that is the one that was used.
    """
    picked = replace(
        before,
        plan=typed.get("plan", before.plan),
        interval=typed.get("interval", before.interval),
        currency=typed.get("currency", before.currency),
        lines=_number(typed, "lines"),
    )
    return replace(picked, loc_limit=_picked_tier(typed, before))


def _picked_tier(typed: Mapping[str, str], before: Choice) -> int:
    tiers = catalogue().tiers
    shown = _number(typed, "shown") or before.loc_limit
    lines, step = _number(typed, "lines"), _number(typed, "step")
    if lines and lines != _number(typed, "counted") and typed.get("act", SHOW) == SHOW:
        return _nearest(lines)
    if step is not None and 0 <= step < len(tiers) and tiers[step] != shown:
        return tiers[step]
    tier = _number(typed, "tier") or shown
    if tier not in tiers:
        return tier
    moved = tiers.index(tier) + {LESS: -1, MORE: 1}.get(typed.get("act", ""), 0)
    return tiers[min(max(moved, 0), len(tiers) - 1)]


def wants_to_see(typed: Mapping[str, str]) -> bool:
    """Whether something is to be shown first: also a number whose tier nobody has seen yet."""
    lines = _number(typed, "lines")
    is_unseen = lines is not None and lines != _number(typed, "counted")
    return typed.get("act") in (LESS, MORE, SHOW, SLIDE) or (
        typed.get("plan") == Plan.TEAM and is_unseen
    )


def key_of(choice: Choice, prices: list[CatalogPrice]) -> str:
    """The lookup key of what is picked; empty where that is not sold."""
    price = _price_of(choice, prices)
    return price.lookup_key if price else ""


def plan_page(
    choice: Choice, prices: list[CatalogPrice], fit: TierFit | None, *, trial_days: int
) -> dict[str, Any]:
    """What the template wants to know."""
    tiers, price = tiers_of(choice, prices, fit), _price_of(choice, prices)
    return {
        "plans": cards(choice, prices, fit),
        "choice": choice,
        "tiers": tiers,
        "last": max(len(tiers) - 1, 0),
        "step": next((n for n, tier in enumerate(tiers) if tier.is_picked), 0),
        "offer": offer_of(price, prices, trial_days=trial_days) if price else None,
        "trial_days": trial_days,
        "intervals": [(Interval.MONTH, "Monthly"), (Interval.YEAR, "Yearly")],
        "currencies": catalogue().currencies,
    }


def _price_of(choice: Choice, prices: list[CatalogPrice]) -> CatalogPrice | None:
    picked = (choice.loc_limit, choice.interval, choice.currency)
    return next((p for p in prices if (p.loc_limit, p.interval, p.currency) == picked), None)


def tiers_of(choice: Choice, prices: list[CatalogPrice], fit: TierFit | None) -> list[Tier]:
    return [
        Tier(
            price.loc_limit,
            tier_title(price.loc_limit),
            f"{_words(price)} a {price.interval}",
            is_picked=price.loc_limit == choice.loc_limit,
            fits=fit is not None and fit.loc_limit == price.loc_limit,
        )
        for price in prices
        if (price.interval, price.currency) == (choice.interval, choice.currency)
    ]


def offer_of(price: CatalogPrice, prices: list[CatalogPrice], *, trial_days: int) -> Offer:
    """A price in words; `prices` has its sisters, for what the year saves."""
    sisters = {
        p.interval: p.amount
        for p in prices
        if (p.loc_limit, p.currency) == (price.loc_limit, price.currency)
    }
    saved = 12 * sisters.get("month", 0) - sisters.get("year", 0) if len(sisters) == 2 else 0
    return Offer(
        title=f"{price.get_plan_display()} {tier_title(price.loc_limit)}",
        price=_words(price),
        period=price.interval,
        trial_days=trial_days,
        first_charge=timezone.now() + timedelta(days=trial_days),
        saved=in_words(saved, price.currency) if saved > 0 else "",
        saves_by_the_year=price.interval == Interval.YEAR,
    )


def _words(price: CatalogPrice) -> str:
    return in_words(price.amount, price.currency)


def _nearest(lines: int) -> int:
    """The smallest tier that is enough, or the largest that there is."""
    tiers = catalogue().tiers
    return next((tier for tier in tiers if tier >= lines), tiers[-1])


def _number(typed: Mapping[str, str], name: str) -> int | None:
    """As people type it: `182,400`, `182 400`, `182.400`."""
    digits = "".join(each for each in typed.get(name, "") if each not in " ,.'\N{NO-BREAK SPACE}")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 13 else None
