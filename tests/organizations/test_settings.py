"""Changing and deleting an organization, and the record of both."""

import pytest

from bindings.models import DevOpsBinding
from organizations.errors import OwnersOnly
from organizations.models import AuditEvent, Organization
from organizations.operations import update_organization
from tests.factories import (
    BindingFactory,
    OrganizationFactory,
)

SETTINGS = "/organizations/harbour/settings/"
DELETE = f"{SETTINGS}delete/"
KNOWN = {"name": "Harbour", "description": "Ships", "url": "https://example.com"}


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", owner=alice, member=bob, **KNOWN)


def test_the_form_shows_what_is_known(browser_of, alice, harbour):
    page = browser_of(alice).get(SETTINGS)

    assert page.context["form"].initial == KNOWN
    assert 'value="https://example.com"' in page.text


def test_a_change_is_kept_and_recorded(browser_of, alice, harbour):
    typed = KNOWN | {"name": "New Harbour", "description": "Ships and cranes"}

    response = browser_of(alice).post(SETTINGS, typed, follow=True)

    assert "Saved." in response.text
    harbour.refresh_from_db()
    assert (harbour.name, harbour.description) == ("New Harbour", "Ships and cranes")
    event = AuditEvent.objects.get()
    assert (event.action, event.channel) == ("organization.changed", "page")
    assert (event.organization, event.actor, event.actor_email) == (harbour, alice, alice.email)
    assert event.data == {"fields": ["description", "name"]}
    assert event.request_id


def test_saving_what_is_there_already_records_nothing(browser_of, alice, harbour):
    browser_of(alice).post(SETTINGS, KNOWN)

    assert not AuditEvent.objects.exists()


def test_the_key_stays_whatever_is_sent(browser_of, alice, harbour):
    browser_of(alice).post(SETTINGS, KNOWN | {"key": "another"})

    assert Organization.objects.get().key == "harbour"


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": ""}, "name", "Give the organization a name."),
        ({"name": "   "}, "name", "Give the organization a name."),
        ({"name": "n" * 256}, "name", "A name has at most 255 characters."),
        ({"description": "d" * 1001}, "description", "at most 1,000 characters"),
        ({"url": "example"}, "url", "Type a web address"),
        ({"url": "javascript:alert(1)"}, "url", "Type a web address"),
        ({"url": "ftp://example.com"}, "url", "Type a web address"),
        ({"url": f"https://example.com/{'u' * 250}"}, "url", "at most 255 characters"),
    ],
)
def test_a_change_that_can_not_be_is_refused_in_place(
    browser_of, alice, harbour, typed, field, sentence
):
    response = browser_of(alice).post(SETTINGS, KNOWN | typed)

    assert response.status_code == 422
    assert sentence in str(response.context["form"].errors[field])
    assert Organization.objects.filter(**KNOWN).exists()
    assert not AuditEvent.objects.exists()


def test_what_is_typed_is_shown_as_text(browser_of, alice, harbour):
    typed = KNOWN | {"name": "<script>alert(1)</script>", "description": "<img src=x>"}
    browser = browser_of(alice)
    browser.post(SETTINGS, typed)

    for address in (SETTINGS, "/organizations/harbour/", "/"):
        page = browser.get(address).text
        assert "<script>alert" not in page
        assert "<img src=x>" not in page


def test_an_update_writes_only_what_changed(alice, harbour):
    seen_before = Organization.objects.get()
    update_organization(harbour, by=alice, name="New Harbour")

    update_organization(seen_before, by=alice, description="Cranes")

    harbour.refresh_from_db()
    assert (harbour.name, harbour.description) == ("New Harbour", "Cranes")


def test_who_owned_it_when_the_page_was_opened_changes_nothing(bob, harbour):
    with pytest.raises(OwnersOnly):
        update_organization(harbour, by=bob, name="Bob's Harbour")

    harbour.refresh_from_db()
    assert harbour.name == "Harbour"


def test_an_update_without_a_change_writes_nothing(alice, harbour, queries):
    with queries() as asked:
        update_organization(harbour, by=alice, **KNOWN)

    assert not [q for q in asked if q["sql"].startswith(("INSERT", "UPDATE"))]


@pytest.mark.parametrize("typed", ["", "Harbour", "HARBOUR", "harbour ", "harbour-2"])
def test_deleting_needs_the_key_typed(browser_of, alice, harbour, typed):
    BindingFactory(organization=harbour)

    response = browser_of(alice).post(DELETE, {"confirm": typed})

    assert response.status_code == 422
    assert "This is not the key. Type harbour exactly." in response.text
    assert DevOpsBinding.objects.get().organization == harbour
    assert not AuditEvent.objects.exists()


def test_looking_at_the_page_deletes_nothing(browser_of, alice, harbour):
    browser_of(alice).get(DELETE, {"confirm": "harbour"})

    assert Organization.objects.exists()
