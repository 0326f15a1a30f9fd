"""What is sold: `catalogue.toml`, read once and believed only if it makes sense."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("catalogue.toml")
INTERVALS = ("month", "year")
PLANS = ("free", "team", "enterprise")


class CatalogueError(ValueError):
    """The file is not a catalogue. The message says where and why."""


@dataclass(frozen=True)
class Price:
    """One price: a tier, paid by the month or the year, in one currency. In minor units."""

    plan: str
    loc_limit: int
    interval: str
    currency: str
    amount: int
    version: int

    @property
    def lookup_key(self) -> str:
        tier = tier_name(self.loc_limit)
        return f"{self.plan}-{tier}-{self.interval}-{self.currency}-v{self.version}"


@dataclass(frozen=True)
class PlanFacts:
    """What belongs to a plan. `loc_limit` and `members` are None where the plan sets none."""

    plan: str
    text: str
    features: tuple[str, ...]
    loc_limit: int | None = None
    members: int | None = None


@dataclass(frozen=True)
class Catalogue:
    free: PlanFacts
    team: PlanFacts
    enterprise: PlanFacts
    # By code, in words.
    features: dict[str, str]
    # LOC limits that Team is sold by, the smallest first.
    tiers: tuple[int, ...]
    prices: tuple[Price, ...]
    # The default one first.
    currencies: tuple[str, ...]
    trial_days: int
    enterprise_from: int

    def plan(self, name: str) -> PlanFacts:
        return {"free": self.free, "team": self.team, "enterprise": self.enterprise}[name]

    @property
    def default_currency(self) -> str:
        return self.currencies[0]


def tier_name(loc: int) -> str:
    """`100k`, `1m`, `1900k`: as it stands in lookup keys, for ever."""
    return f"{loc // 1_000_000}m" if loc % 1_000_000 == 0 else f"{loc // 1000}k"


def tier_title(loc: int) -> str:
    """`100k`, `1M`, `1.9M`: as people read it."""
    return f"{loc / 1_000_000:g}M" if loc >= 1_000_000 else f"{loc // 1000}k"


@cache
def catalogue() -> Catalogue:
    """The catalogue. Raises CatalogueError."""
    return read(FILE.read_text(encoding="utf-8"))


def read(text: str) -> Catalogue:
    """The catalogue that a text is. Raises CatalogueError."""
    try:
        known = _Table(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"The catalogue is no TOML: {error}.") from error
    return _catalogue(known)


def _catalogue(known: "_Table") -> Catalogue:
    features = known.table("features")
    words = {code: features.text(code) for code in features.names()}
    free, team, enterprise = (known.table(plan) for plan in PLANS)
    tiers = team.tables("tiers")
    prices = tuple(price for tier in tiers for price in _prices(tier))
    limits = tuple(tier.number("loc_limit") for tier in tiers)
    currencies = _currencies(known, prices)
    made = Catalogue(
        free=_plan("free", free, words, loc_limit=free.number("loc_limit")),
        team=_plan("team", team, words),
        enterprise=_plan("enterprise", enterprise, words),
        features=words,
        tiers=limits,
        prices=prices,
        currencies=currencies,
        trial_days=team.number("trial_days"),
        enterprise_from=enterprise.number("loc_from"),
    )
    for table in (known, features, free, team, enterprise, *tiers):
        table.has_nothing_else()
    _make_sense(made)
    return made


def _plan(
    name: str, plan: "_Table", words: dict[str, str], loc_limit: int | None = None
) -> PlanFacts:
    features = plan.texts("features")
    if unknown := sorted(set(features) - set(words)):
        plan.refuse("features", f"names {', '.join(unknown)}, which [features] does not")
    members = plan.number("members") if plan.has("members") else None
    return PlanFacts(name, plan.text("text"), tuple(features), loc_limit, members)


def _prices(tier: "_Table") -> list[Price]:
    found, limit = [], tier.number("loc_limit")
    if limit % 1000:
        tier.refuse("loc_limit", "is not in whole thousands")
    for interval in INTERVALS:
        by_currency = tier.table(interval)
        for currency in by_currency.names():
            if not (len(currency) == 3 and currency.isalpha() and currency.islower()):
                by_currency.refuse(currency, "is no currency, as eur is")
            amount, version = by_currency.amount(currency)
            found.append(Price("team", limit, interval, currency, amount, version))
        by_currency.has_nothing_else()
    return found


def _currencies(known: "_Table", prices: tuple[Price, ...]) -> tuple[str, ...]:
    default = known.text("default_currency")
    found = dict.fromkeys([default, *(price.currency for price in prices)])
    return tuple(found)


def _make_sense(made: Catalogue) -> None:
    """What no single value shows. Customers change tiers and intervals: each must be on sale."""
    if not made.tiers or list(made.tiers) != sorted(set(made.tiers)):
        raise CatalogueError("team.tiers: loc_limit has to grow from each tier to the next.")
    if not (made.free.loc_limit or 0) < made.tiers[0]:
        raise CatalogueError("free.loc_limit: is not below the smallest tier of Team.")
    if not made.tiers[-1] < made.enterprise_from:
        raise CatalogueError("enterprise.loc_from: is not above the largest tier of Team.")
    amounts = {(p.currency, p.interval, p.loc_limit): p.amount for p in made.prices}
    for currency in made.currencies:
        month, year = (_ladder(made.tiers, currency, each, amounts) for each in INTERVALS)
        if any(b > 12 * a for a, b in zip(month, year, strict=True)):
            raise CatalogueError(f"team.tiers, year.{currency}: costs more than twelve months.")


def _ladder(
    tiers: tuple[int, ...], currency: str, interval: str, amounts: dict[tuple[str, str, int], int]
) -> list[int]:
    """The amounts of all tiers, the smallest first."""
    for tier in tiers:
        if (currency, interval, tier) not in amounts:
            place = f"team.tiers, {tier_name(tier)}: {interval}.{currency}"
            raise CatalogueError(f"{place} is missing; other prices are in that currency.")
    ladder = [amounts[currency, interval, tier] for tier in tiers]
    if ladder != sorted(set(ladder)):
        raise CatalogueError(f"team.tiers, {interval}.{currency}: a larger tier has to cost more.")
    return ladder


class _Table:
    """A table of the file that knows where it stands, to say so when something is wrong there."""

    def __init__(self, values: dict[str, Any], place: str = "") -> None:
        self._values, self._place = values, place
        self._asked: set[str] = set()

    def names(self) -> list[str]:
        return list(self._values)

    def has(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        return str(self._take(name, str, "a text"))

    def texts(self, name: str) -> list[str]:
        found = self._take(name, list, "a list of texts")
        if not all(isinstance(each, str) for each in found):
            self.refuse(name, "has to be a list of texts")
        return list(found)

    def number(self, name: str) -> int:
        return self._positive(name, self._take(name, int, "a whole number"))

    def table(self, name: str) -> "_Table":
        return _Table(self._take(name, dict, "a table"), f"{self._place}{name}.")

    def tables(self, name: str) -> list["_Table"]:
        found = self._take(name, list, "a list of tables")
        if not all(isinstance(each, dict) for each in found):
            self.refuse(name, "has to be a list of tables")
        return [_Table(each, f"{self._place}{name}[{n}].") for n, each in enumerate(found)]

    def amount(self, name: str) -> tuple[int, int]:
        """An amount and its version, which is the first one unless it is named."""
        if not isinstance(self._values[name], dict):
            return self.number(name), 1
        table = self.table(name)
        both = table.number("amount"), table.number("version")
        table.has_nothing_else()
        return both

    def has_nothing_else(self) -> None:
        if unknown := sorted(set(self._values) - self._asked):
            self.refuse(unknown[0], "is nothing we know")

    def refuse(self, name: str, why: str) -> None:
        raise CatalogueError(f"{self._place}{name}: {why}.")

    def _take(self, name: str, kind: type, words: str) -> Any:
        self._asked.add(name)
        if name not in self._values:
            self.refuse(name, "is missing")
        value = self._values[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            self.refuse(name, f"has to be {words}, and is {value!r}")
        return value

    def _positive(self, name: str, value: int) -> int:
        if value < 1:
            self.refuse(name, f"has to be above zero, and is {value}")
        return value
