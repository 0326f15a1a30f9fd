from datetime import UTC, datetime, timedelta

from berths.tides import NORTH

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_tide_stays_within_its_range():
    heights = [NORTH.height(NOON + timedelta(minutes=m)) for m in range(0, 1440, 7)]

    assert 0 < min(heights) < NORTH.mean_level < max(heights) < 5


def test_the_lowest_tide_of_a_moment_is_that_moments_height():
    assert NORTH.lowest(NOON, NOON) == NORTH.height(NOON)
