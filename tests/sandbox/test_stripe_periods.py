"""When a subscription's periods end."""

import pytest

from sandbox.stripe.billing.periods import next_boundary
from tests.sandbox.stripe_cast import moment

MONTH, YEAR = {"interval": "month"}, {"interval": "year"}


@pytest.mark.parametrize(
    ("anchor", "rhythm", "after", "end"),
    [
        ((2027, 1, 31), MONTH, (2027, 1, 31), (2027, 2, 28)),
        ((2027, 1, 31), MONTH, (2027, 2, 28), (2027, 3, 31)),
        ((2027, 1, 31), MONTH, (2027, 3, 31), (2027, 4, 30)),
        ((2028, 1, 31), MONTH, (2028, 1, 31), (2028, 2, 29)),
        ((2028, 1, 30), MONTH, (2028, 2, 29), (2028, 3, 30)),
        ((2026, 12, 15), MONTH, (2026, 12, 15), (2027, 1, 15)),
        ((2028, 2, 29), YEAR, (2028, 2, 29), (2029, 2, 28)),
        ((2028, 2, 29), YEAR, (2031, 2, 28), (2032, 2, 29)),
        ((2026, 5, 5), YEAR, (2026, 5, 5), (2027, 5, 5)),
        ((2026, 5, 5), {"interval": "week"}, (2026, 5, 5), (2026, 5, 12)),
        ((2026, 5, 31), {"interval": "month", "interval_count": 3}, (2026, 5, 31), (2026, 8, 31)),
        ((2027, 3, 31), MONTH, (2027, 1, 5), (2027, 1, 31)),
    ],
)
def test_a_period_ends_on_the_day_of_its_anchor(anchor, rhythm, after, end):
    assert next_boundary(moment(*anchor), rhythm, moment(*after)) == moment(*end)
