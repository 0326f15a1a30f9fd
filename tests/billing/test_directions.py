"""Which changes are had at once, and which with the next period."""

from itertools import product

import pytest

from billing.directions import Way, kind_of_change
from tests.factories import PriceFactory

SMALL, LARGE = 100_000, 250_000


def sold(loc_limit, interval, **values):
    return PriceFactory.build(loc_limit=loc_limit, interval=interval, **values)


@pytest.mark.parametrize(
    ("before", "after", "way"),
    [
        ((SMALL, "month"), (SMALL, "month"), Way.NONE),
        ((SMALL, "year"), (SMALL, "year"), Way.NONE),
        ((SMALL, "month"), (LARGE, "month"), Way.NOW),
        ((SMALL, "month"), (SMALL, "year"), Way.NOW),
        ((SMALL, "month"), (LARGE, "year"), Way.NOW),
        ((SMALL, "year"), (LARGE, "year"), Way.NOW),
        ((LARGE, "month"), (SMALL, "month"), Way.LATER),
        ((LARGE, "year"), (SMALL, "year"), Way.LATER),
        ((LARGE, "year"), (LARGE, "month"), Way.LATER),
        # Something is gained, and something that was paid for given up.
        ((LARGE, "month"), (SMALL, "year"), Way.LATER),
        ((SMALL, "year"), (LARGE, "month"), Way.LATER),
    ],
)
def test_what_is_gained_is_had_at_once_and_what_is_given_up_later(before, after, way):
    assert kind_of_change(sold(*before), sold(*after)) == way


def test_in_a_trial_everything_is_had_at_once():
    choices = list(product((SMALL, LARGE), ("month", "year")))

    ways = {
        kind_of_change(sold(*before), sold(*after), on_trial=True)
        for before in choices
        for after in choices
        if before != after
    }

    assert ways == {Way.NOW}


def test_case_62_the_same_choice_at_a_new_price_is_no_change():
    old, new = sold(SMALL, "month"), sold(SMALL, "month", amount=3500, version=2)

    assert kind_of_change(old, new) == Way.NONE
