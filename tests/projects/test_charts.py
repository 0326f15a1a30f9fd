"""Where lines and labels go, and where the lines of code do."""

from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from projects.charts import LARGE, SMALL, WIDTH, draw, round_ticks, short
from projects.figures import past_of
from projects.forecast import FEWEST, Reading, trend_of

FIRST = date(2026, 3, 12)
LOC = st.integers(min_value=0, max_value=10**9)


def by_day(locs, first=FIRST):
    return [Reading(first + timedelta(days=n), loc) for n, loc in enumerate(locs)]


@st.composite
def readings(draw_, fewest=1):
    """Of some days, with gaps between them."""
    gaps = draw_(st.lists(st.integers(1, 40), min_size=fewest, max_size=60))
    days = [FIRST + timedelta(days=sum(gaps[:n])) for n in range(len(gaps))]
    return [Reading(day, draw_(LOC)) for day in days]


def is_inside(point, frame):
    return 0 <= point.x <= WIDTH and frame.above <= point.y <= frame.base


@given(readings(), st.sampled_from([LARGE, SMALL]), st.none() | LOC)
def test_every_point_is_inside_its_frame_in_the_order_of_days(given_, frame, limit):
    trend = trend_of(given_)
    ahead = trend.until(given_[-1].day + timedelta(days=30)) if trend else ()

    chart = draw(given_, ahead=ahead, limit=limit, frame=frame)

    assert all(is_inside(point, frame) for point in (*chart.points, *chart.ahead))
    across = [point.x for point in (*chart.points, *chart.ahead[1:])]
    assert across == sorted(set(across))
    if limit is not None:
        assert frame.above <= float(chart.limit.at) <= frame.base + 0.1


@given(readings(fewest=2))
def test_more_lines_are_higher_up_and_none_at_the_base(given_):
    chart = draw(given_)

    pairs = sorted(zip([each.loc for each in given_], chart.points, strict=True))
    heights = [point.y for _, point in pairs]
    assert heights == sorted(heights, reverse=True)
    assert all((loc == 0) == (point.y == LARGE.base) for loc, point in pairs if loc in (0, 10**9))
    assert float(chart.up[0].at) == LARGE.base and chart.up[0].label == "0"


@given(LOC)
def test_ticks_are_few_and_round_and_reach_far_enough(most):
    ticks = round_ticks(most)

    assert 2 <= len(ticks) <= 4
    assert ticks[0] == 0 and ticks[-1] >= most
    steps = {later - earlier for earlier, later in zip(ticks, ticks[1:], strict=False)}
    assert len(steps) == 1
    assert str(steps.pop()).rstrip("0") in {"1", "2", "5"}


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0"), (999, "999"), (1000, "1k"), (1500, "1.5k"), (412_300, "412k"), (999_999, "999k"),
     (1_234_567, "1.2M"), (12_345_678, "12M")],
)  # fmt: skip
def test_numbers_are_short_on_an_axis(number, words):
    assert short(number) == words


def test_the_dates_on_the_axis_are_few_and_have_the_first_and_the_last():
    chart = draw(by_day(range(90)))

    assert [(mark.label, mark.at, mark.anchor) for mark in chart.dates] == [
        ("12 Mar", "0%", "start"),
        ("11 Apr", "33.7%", "middle"),
        ("10 May", "66.3%", "middle"),
        ("9 Jun", "100%", "end"),
    ]
    assert draw(by_day(range(300))).dates[0].label == "Mar 2026"


def test_a_limit_is_a_line_with_its_name_and_has_room():
    past = past_of(by_day([100, 200, 300]), limit=1000)

    drawn = render_to_string("projects/chart.html", {"past": past})

    assert "Limit 1k" in drawn and 'class="chart__limit"' in drawn
    assert float(past.chart.limit.at) == LARGE.above


def test_no_limit_draws_none():
    drawn = render_to_string("projects/chart.html", {"past": past_of(by_day([100, 200, 300]))})

    assert "chart__limit" not in drawn


def test_too_few_days_lead_nowhere():
    assert trend_of(by_day([100] * (FEWEST - 1))) is None


@given(st.integers(0, 10**6), st.integers(0, 1000), st.integers(FEWEST, 400))
def test_a_straight_line_goes_straight_on(start, step, days):
    trend = trend_of(by_day([start + n * step for n in range(days)]))

    assert trend.a_month == 30 * step
    last = FIRST + timedelta(days=days - 1)
    assert trend.at(last) == start + (days - 1) * step
    assert trend.at(last + timedelta(days=10)) == start + (days + 9) * step


def test_less_and_less_ends_at_nothing_and_not_below():
    trend = trend_of(by_day([100, 90, 80, 70, 60, 50, 40, 30]))

    ahead = [each.loc for each in trend.until(trend.last.day + timedelta(days=5))]

    assert ahead == [30, 20, 10, 0, 0, 0]


@given(readings(fewest=FEWEST))
def test_a_forecast_starts_where_the_last_reading_is(given_):
    trend = trend_of(given_)

    assert trend.until(given_[-1].day) == [given_[-1]]
    assert all(each.loc >= 0 for each in trend.until(given_[-1].day + timedelta(days=100)))
