"""What can be bought, and which tier so many lines need."""

import pytest

from billing.errors import PriceNotSold
from billing.prices import price_for, price_named, sold, tier_that_fits
from tests.factories import PriceFactory


@pytest.mark.parametrize(
    ("loc", "plan", "limit", "smaller"),
    [
        (0, "free", 50_000, None),
        (50_000, "free", 50_000, None),
        (50_001, "team", 100_000, 50_000),
        (100_000, "team", 100_000, 50_000),
        (182_400, "team", 250_000, 100_000),
        (1_900_000, "team", 1_900_000, 1_000_000),
        (1_900_001, "enterprise", None, 1_900_000),
    ],
)
def test_the_smallest_limit_that_is_enough_fits(loc, plan, limit, smaller):
    fit = tier_that_fits(loc)

    assert (fit.plan, fit.loc_limit, fit.smaller) == (plan, limit, smaller)


def test_how_much_is_to_spare_and_how_little_would_be_too_few():
    fit = tier_that_fits(182_400)

    assert (fit.spare, fit.spare_percent, fit.too_few) == (67_600, 27, 82_400)


def test_only_what_is_sold_in_the_mode_of_our_key_is_offered(db):
    price = PriceFactory()
    PriceFactory(version=2, is_sold=False)
    PriceFactory(is_live=True)
    yearly = PriceFactory(interval="year")

    assert sold() == [price, yearly]
    assert sold("team", "year", "EUR") == [yearly]
    assert price_for("team", 100_000, "month", "eur") == price
    assert price_named(price.lookup_key) == price


def test_what_is_not_sold_has_no_price(db):
    old = PriceFactory(is_sold=False)

    with pytest.raises(PriceNotSold):
        price_for("team", 100_000, "month", "eur")
    with pytest.raises(PriceNotSold):
        price_named(old.lookup_key)
