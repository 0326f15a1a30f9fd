"""When support has to have answered, by its own clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from claims.hours import A_BUSINESS_DAY, due_after

HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")


def at(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "work", "due"),
    [
        ("2027-03-01T09:00", A_BUSINESS_DAY, "2027-03-01T17:00"),  # a Monday
        ("2027-03-01T10:30", A_BUSINESS_DAY, "2027-03-02T10:30"),
        ("2027-03-01T03:00", 2 * HOUR, "2027-03-01T11:00"),
        ("2027-03-01T17:00", 2 * HOUR, "2027-03-02T11:00"),
        ("2027-03-01T16:59", HOUR, "2027-03-02T09:59"),
        ("2027-03-05T16:00", A_BUSINESS_DAY, "2027-03-08T16:00"),  # over a weekend
        ("2027-03-05T18:00", HOUR, "2027-03-08T10:00"),
        ("2027-03-06T12:00", HOUR, "2027-03-08T10:00"),
        ("2027-03-07T23:59", HOUR, "2027-03-08T10:00"),
        ("2027-03-01T09:00", 5 * A_BUSINESS_DAY, "2027-03-05T17:00"),
        ("2027-03-01T09:00", 5 * A_BUSINESS_DAY + HOUR, "2027-03-08T10:00"),
    ],
)
def test_only_office_hours_count(start, work, due):
    assert due_after(at(start), work, ZoneInfo("UTC")) == at(due)


def test_the_office_has_a_clock_of_its_own():
    # Noon in Berlin; five hours are left there, and three in the morning.
    due = due_after(at("2027-03-01T11:00"), A_BUSINESS_DAY, BERLIN)

    assert due == at("2027-03-02T12:00", BERLIN)
    assert due.tzinfo == UTC


def test_a_night_in_which_clocks_change_takes_nothing_away():
    # They go forward on Sunday 28 March.
    due = due_after(at("2027-03-26T16:00", BERLIN), 2 * HOUR, BERLIN)

    assert due == at("2027-03-29T10:00", BERLIN)
