"""What can be bought now, from our own table of prices; Stripe is not asked."""

from dataclasses import dataclass

from billing.catalogue import catalogue
from billing.errors import PriceNotSold
from billing.models import CatalogPrice, Plan
from billing.stripe_api import is_live


def sold(
    plan: str | None = None, interval: str | None = None, currency: str | None = None
) -> list[CatalogPrice]:
    """Those that are sold, in the mode of our key; by tier, interval and currency. One query."""
    wanted = {"plan": plan, "interval": interval, "currency": currency and currency.lower()}
    given = {name: value for name, value in wanted.items() if value is not None}
    found = CatalogPrice.objects.filter(is_sold=True, is_live=is_live(), **given)
    return list(found.order_by("loc_limit", "interval", "currency"))


def price_for(plan: str, loc_limit: int, interval: str, currency: str) -> CatalogPrice:
    """The price of a choice. Raises PriceNotSold."""
    found = [p for p in sold(plan, interval, currency) if p.loc_limit == loc_limit]
    if not found:
        raise PriceNotSold
    return found[0]


def price_named(lookup_key: str) -> CatalogPrice:
    """The price with that lookup key, if it is still sold. Raises PriceNotSold."""
    found = CatalogPrice.objects.filter(
        is_sold=True, is_live=is_live(), lookup_key=lookup_key
    ).first()
    if found is None:
        raise PriceNotSold
    return found


@dataclass(frozen=True)
class TierFit:
    """What so many private lines need. `loc_limit` is None for Enterprise, which is agreed on;
    `smaller` is the next smaller limit, which is too small, if there is one.
    """

    loc: int
    plan: str
    loc_limit: int | None
    smaller: int | None

    @property
    def spare(self) -> int:
        return (self.loc_limit or self.loc) - self.loc

    @property
    def spare_percent(self) -> int:
        return 100 * self.spare // self.loc_limit if self.loc_limit else 0

    @property
    def too_few(self) -> int:
        """By so many lines the next smaller limit would be too small."""
        return self.loc - (self.smaller or 0)


def tier_that_fits(loc: int) -> TierFit:
    """The smallest limit that so many private lines of code keep to. Pure: no query."""
    known = catalogue()
    limits = [known.free.loc_limit or 0, *known.tiers]
    smaller = max((limit for limit in limits if limit < loc), default=None)
    fitting = min((limit for limit in limits if limit >= loc), default=None)
    if fitting is None:
        return TierFit(loc, Plan.ENTERPRISE, None, smaller)
    plan = Plan.FREE if fitting == known.free.loc_limit else Plan.TEAM
    return TierFit(loc, plan, fitting, smaller)
