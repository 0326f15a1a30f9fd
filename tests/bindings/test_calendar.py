"""The calendar that other programs subscribe to."""

from datetime import date

import pytest
from icalendar import Calendar

from bindings import calendars
from bindings.models import CalendarFeed
from organizations.models import Membership
from organizations.operations import delete_organization
from tests.factories import BindingFactory, OrganizationFactory, TokenFactory

PAGE = "/organizations/harbour/binding/calendar/"


@pytest.fixture
def binding(alice, bob):
    organization = OrganizationFactory(key="harbour", name="Harbour", owner=alice, member=bob)
    binding = BindingFactory(organization=organization)
    TokenFactory(binding=binding, expires_on=date(2027, 3, 12), expiry_source="declared")
    return binding


def address_on(page):
    return "/calendar/" + page.text.partition("/calendar/")[2].partition(".ics")[0] + ".ics"


def test_it_has_the_day_with_what_to_do(browser_of, client, bob, binding):
    address = address_on(browser_of(bob).post(PAGE))

    answer = client.get(address)

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event.decoded("dtstart") == date(2027, 3, 12)
    assert "Harbour" in event["summary"] and "Harbour Robot" in event["description"]
    assert len(event.walk("VALARM")) == 3


def events_of(binding):
    return Calendar.from_ical(calendars.render(binding)).walk("VEVENT")


def test_the_last_reminder_says_tomorrow(binding):
    [event] = events_of(binding)

    words = [str(alarm["description"]) for alarm in event.walk("VALARM")]
    assert words[-1] == "Harbour: token expires tomorrow"
    assert "by this day: after it" in event["description"]


def test_a_corrected_date_is_newer_than_the_one_before(binding, time_machine):
    time_machine.move_to("2026-12-01T08:00:00Z")
    [before] = events_of(binding)
    binding.tokens.update(expires_on=date(2027, 5, 1))
    time_machine.move_to("2026-12-01T09:00:00Z")

    [after] = events_of(binding)

    assert after["uid"] == before["uid"]
    assert after.decoded("dtstart") == date(2027, 5, 1)
    assert after.decoded("dtstamp") > before.decoded("dtstamp")


@pytest.mark.parametrize(("verdict", "events"), [("healthy", 2), ("token_not_recognized", 1)])
def test_a_replacement_that_was_refused_is_no_date(binding, verdict, events):
    known = {"expires_on": date(2027, 6, 1), "expiry_source": "declared", "verdict": verdict}
    TokenFactory(binding=binding, slot="next", **known)

    assert len(events_of(binding)) == events


def test_a_new_address_ends_the_one_before(browser_of, client, bob, binding):
    browser = browser_of(bob)
    first = address_on(browser.post(PAGE))
    second = address_on(browser.post(PAGE))

    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)


def test_it_is_shown_once_and_stored_as_a_digest(browser_of, bob, binding):
    browser = browser_of(bob)
    address = address_on(browser.post(PAGE))

    secret = address.removeprefix("/calendar/").removesuffix(".ics")
    assert secret not in browser.get(PAGE).text
    assert secret not in CalendarFeed.objects.get().digest


def test_who_leaves_sees_it_no_more(browser_of, client, bob, binding):
    address = address_on(browser_of(bob).post(PAGE))

    Membership.objects.filter(user=bob).delete()

    assert client.get(address).status_code == 404


def test_it_ends_with_the_organization(browser_of, client, alice, bob, binding):
    address = address_on(browser_of(bob).post(PAGE))

    delete_organization(binding.organization, by=alice)

    assert client.get(address).status_code == 404
