"""Where organizations are listed and found, and what the overview shows."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from organizations.models import GroupMembership, Membership
from tests.factories import OrganizationFactory, UserFactory

HTMX = {"HX-Request": "true"}


def keys_on(page):
    return [organization.key for organization in page.context["organizations"]]


def test_a_stranger_is_told_what_this_is(client, db):
    page = client.get("/")

    assert page.status_code == 200
    assert "/account/signup/" in page.text


def test_who_has_none_is_shown_the_way_to_one(browser_of, charlie):
    OrganizationFactory(owner=UserFactory())

    page = browser_of(charlie).get("/")

    assert "No organization yet" in page.text
    assert 'href="/organizations/new/"' in page.text


def test_home_lists_ones_own_by_key_and_says_which_one_owns(browser_of, alice):
    OrganizationFactory(key="beta", member=alice, name="Belongs")
    OrganizationFactory(key="alpha", owner=alice, name="Owns")
    OrganizationFactory(key="gamma", owner=UserFactory(), name="Hidden")

    page = browser_of(alice).get("/")

    assert keys_on(page) == ["alpha", "beta"]
    assert [organization.is_owner for organization in page.context["organizations"]] == [
        True,
        False,
    ]
    assert "Hidden" not in page.text


def test_an_organization_that_is_being_deleted_is_gone(browser_of, alice):
    OrganizationFactory(key="alpha", owner=alice, closed_at=timezone.now())

    assert keys_on(browser_of(alice).get("/")) == []
    assert browser_of(alice).get("/organizations/alpha/").status_code == 404


def test_fifty_fit_on_a_page_and_one_more_starts_another(browser_of, alice):
    browser = browser_of(alice)
    OrganizationFactory.create_batch(50, owner=alice)
    assert 'rel="next"' not in browser.get("/").text

    OrganizationFactory(owner=alice)

    assert 'rel="next"' in browser.get("/").text


def test_the_pages_show_each_organization_once_in_order(browser_of, alice):
    OrganizationFactory.create_batch(103, owner=alice)
    browser, address, seen = browser_of(alice), "/", []

    while address:
        page = browser.get(address)
        seen += keys_on(page)
        address = page.context["older_url"] and f"/{page.context['older_url']}"

    assert len(seen) == 103
    assert seen == sorted(set(seen))


@pytest.mark.parametrize("after", ["zzz", "<script>", "ä" * 500, "'; --"])
def test_an_address_from_nowhere_shows_an_ordinary_page(browser_of, alice, after):
    OrganizationFactory(key="alpha", owner=alice)

    page = browser_of(alice).get("/", {"after": after})

    assert page.status_code == 200
    assert "<script>" not in page.text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["alpha-quay", "beta-dock", "gamma"]),
        ("QUAY", ["alpha-quay"]),
        ("north", ["alpha-quay", "beta-dock"]),
        ("beta", ["beta-dock"]),
        ("nothing like it", []),
        ("%", []),
        ("_", []),
    ],
)
def test_the_switcher_finds_by_name_and_key(browser_of, alice, text, found):
    OrganizationFactory(key="alpha-quay", name="North A", owner=alice)
    OrganizationFactory(key="beta-dock", name="North B", member=alice)
    OrganizationFactory(key="gamma", name="South", owner=alice)
    OrganizationFactory(key="north-quay-beta", name="Hidden", owner=UserFactory())

    page = browser_of(alice).get("/organizations/switcher/", {"q": text}, headers=HTMX)

    assert re.findall(r'href="/organizations/([a-z-]+)/"', page.text) == found


def test_the_switcher_shows_eight_at_most(browser_of, alice):
    OrganizationFactory.create_batch(12, owner=alice)

    page = browser_of(alice).get("/organizations/switcher/", headers=HTMX)

    assert page.text.count("<li>") == 8


def test_without_javascript_the_switcher_is_a_page(browser_of, alice):
    OrganizationFactory(key="alpha", owner=alice)
    browser = browser_of(alice)

    page = browser.get("/organizations/switcher/", {"q": "alp"})
    part = browser.get("/organizations/switcher/", {"q": "alp"}, headers=HTMX)

    assert page.text.startswith("<!doctype html>")
    assert 'value="alp"' in page.text
    assert part.text.lstrip().startswith("<li>")


def test_what_is_searched_for_is_shown_as_text(browser_of, alice):
    page = browser_of(alice).get("/organizations/switcher/", {"q": '"><script>alert(1)</script>'})

    assert "No organization of yours is called" in page.text
    assert "<script>alert" not in page.text


def add_owner(organization, user):
    membership = Membership.objects.create(organization=organization, user=user)
    group = organization.groups.get()
    GroupMembership.objects.create(group=group, membership=membership)


def test_the_overview_names_the_owners_and_nobody_else(browser_of, alice, bob):
    organization = OrganizationFactory(key="harbour", owner=alice, member=bob)
    add_owner(organization, UserFactory(email="dora@example.com", first_name="Dora"))

    page = browser_of(bob).get("/organizations/harbour/")

    owners = [membership.user.email for membership in page.context["owners"]]
    assert owners == ["alice@example.com", "dora@example.com"]
    assert "Dora" in page.text


def test_of_many_owners_the_first_twenty_are_named(browser_of, alice):
    organization = OrganizationFactory(key="harbour", owner=alice)
    for user in UserFactory.create_batch(24):
        add_owner(organization, user)

    page = browser_of(alice).get("/organizations/harbour/")

    assert len(page.context["owners"]) == 20
    assert page.context["owners"][0].user == alice


def test_only_owners_are_shown_the_way_to_the_settings(browser_of, alice, bob):
    OrganizationFactory(key="harbour", owner=alice, member=bob)

    for_owner = browser_of(alice).get("/organizations/harbour/").text
    for_member = browser_of(bob).get("/organizations/harbour/").text

    assert "/organizations/harbour/settings/" in for_owner
    assert "/organizations/harbour/settings/" not in for_member


def test_the_overview_links_to_the_home_page_without_vouching_for_it(browser_of, alice):
    OrganizationFactory(key="harbour", owner=alice, url="https://example.com/")

    page = browser_of(alice).get("/organizations/harbour/")

    assert '<a href="https://example.com/" rel="nofollow noopener">' in page.text


def test_a_new_organization_comes_from_a_platform(browser_of, alice):
    page = browser_of(alice).get("/organizations/new/")

    assert 'href="/imports/new/"' in page.text


def test_a_load_balancer_hears_that_all_is_well(db):
    response = Client().get("/healthz")

    assert (response.status_code, response.text) == (200, "ok")
    assert not response.cookies
