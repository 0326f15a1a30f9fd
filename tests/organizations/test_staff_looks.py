"""What our staff looks at is on the record of whose it is, for its owners to see."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client

from accounts.roles import make_support
from bindings.models import PersonalAccessToken
from organizations import audit
from organizations.models import AuditEvent
from organizations.operations import delete_organization
from tests.billing.rows import AccountFactory, EventFactory, SubscriptionFactory
from tests.factories import (
    BindingFactory,
    ClaimFactory,
    EstimatedRepositoryFactory,
    EstimateFactory,
    ImportFactory,
    LineCountFactory,
    OrganizationFactory,
    ProjectFactory,
    ReadingFactory,
    RepositoryFactory,
    SizeFactory,
    TokenFactory,
    UserFactory,
    VerificationFactory,
)
from tests.test_admin import ROWS

# What is a person's, or everybody's.
NOBODYS = {
    "accounts/user",
    "accounts/apitoken",
    "accounts/farewell",
    "accounts/notification",
    "bindings/platformincident",
    "billing/catalogprice",
    "claims/replytemplate",
}


@pytest.fixture
def dora(db):
    """At the support desk, to look."""
    dora = UserFactory(email="dora@example.com")
    make_support(dora, may_act=False)
    return dora


@pytest.fixture
def desk(browser_of, dora):
    return browser_of(dora)


@pytest.fixture
def harbour(alice):
    return OrganizationFactory(key="harbour", owner=alice)


def looks(organization):
    return organization.audit_events.filter(action="support.viewed")


def rows_of(organization):
    """One of everything that the desk shows of an organization."""
    binding = BindingFactory(organization=organization)
    project = ProjectFactory(organization=organization)
    account = AccountFactory(organization=organization)
    estimate = EstimateFactory(binding=binding)
    audit.record(organization, "organization.changed", by=None)
    return {
        "organizations/organization": organization,
        "organizations/auditevent": organization.audit_events.latest("pk"),
        "bindings/devopsbinding": binding,
        "bindings/personalaccesstoken": TokenFactory(binding=binding),
        "bindings/verification": VerificationFactory(binding=binding),
        "bindings/repository": RepositoryFactory(binding=binding),
        "projects/project": project,
        "projects/projectsize": SizeFactory(project=project),
        "projects/linecount": LineCountFactory(project=project),
        "projects/usagereading": ReadingFactory(organization=organization),
        "projects/estimate": estimate,
        "projects/estimatedrepository": EstimatedRepositoryFactory(estimate=estimate),
        "billing/billingaccount": account,
        "billing/subscription": SubscriptionFactory(account=account),
        "billing/stripeevent": EventFactory(account=account, stripe_id="evt1"),
        "claims/accessclaim": ClaimFactory(organization=organization),
        "onboarding/import": ImportFactory(organization=organization),
    }


def test_the_owners_see_who_of_us_looked_at_what(browser_of, alice, desk, harbour):
    token = TokenFactory(binding__organization=harbour, last_four="wxyz")

    desk.get(f"/admin/bindings/personalaccesstoken/{token.pk}/change/")

    page = browser_of(alice).get("/organizations/harbour/audit/?family=support").text
    assert "Looked at by Mooring support" in page
    assert "Mooring support (dora@example.com)" in page
    assert "Personal access token: current token …wxyz" in page


def test_a_look_at_each_kind_of_row_is_on_the_record(desk, harbour):
    for place, row in rows_of(harbour).items():
        desk.get(f"/admin/{place}/{row.pk}/change/")
        newest = looks(harbour).latest("pk")
        assert newest.data["subject"] == f"{place.replace('/', '.')}:{row.pk}"
        assert (newest.actor_email, newest.channel) == ("dora@example.com", "admin")


def test_every_list_says_whose_its_rows_are():
    nobodys = {
        model._meta.label_lower.replace(".", "/")
        for model, each in admin.site._registry.items()
        if each.belongs_to is None
    }

    assert nobodys == NOBODYS


def test_a_list_is_no_look(desk, harbour):
    rows_of(harbour)

    for place in ROWS:
        assert desk.get(f"/admin/{place}/?q=harbour").status_code == 200

    assert not looks(harbour).exists()


@pytest.mark.parametrize("rest", ["history/", "act/resync/"])
def test_other_pages_of_a_row_are_looks_too(browser_of, harbour, dora, rest):
    make_support(dora, may_act=True)
    account = AccountFactory(organization=harbour)

    page = browser_of(dora).get(f"/admin/billing/billingaccount/{account.pk}/{rest}")

    assert page.status_code == 200
    assert looks(harbour).count() == 1


def test_looking_again_within_a_quarter_of_an_hour_is_one_look(desk, harbour, time_machine):
    time_machine.move_to("2026-11-24T09:00:00Z", tick=False)
    page = f"/admin/organizations/organization/{harbour.pk}/change/"

    for _ in range(3):
        desk.get(page)
    assert looks(harbour).count() == 1
    time_machine.shift(timedelta(minutes=16))
    desk.get(page)

    assert looks(harbour).count() == 2


def test_each_of_us_and_each_row_is_a_look_of_its_own(desk, browser_of, harbour):
    eve = UserFactory(email="eve@example.com")
    make_support(eve, may_act=False)
    first, second = ProjectFactory.create_batch(2, organization=harbour)

    for browser in (desk, browser_of(eve)):
        for project in (first, second):
            browser.get(f"/admin/projects/project/{project.pk}/change/")

    assert looks(harbour).count() == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time.")
def test_two_tabs_at_once_are_one_look(harbour, dora):
    page, meet = f"/admin/organizations/organization/{harbour.pk}/change/", Barrier(2)

    def look():
        client = Client()
        client.force_login(dora)
        meet.wait()
        client.get(page)
        connection.close()

    tabs = [Thread(target=look) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()

    assert looks(harbour).count() == 1


def test_who_may_not_look_leaves_no_look(browser_of, alice, harbour):
    alice.is_staff = True
    alice.save()

    refused = browser_of(alice).get(f"/admin/organizations/organization/{harbour.pk}/change/")

    assert refused.status_code == 403
    assert not looks(harbour).exists()


def test_what_is_nobodys_is_seen_and_not_recorded(desk):
    for number, place in enumerate(sorted(NOBODYS)):
        row = ROWS[place](f"row-{number}")
        assert desk.get(f"/admin/{place}/{row.pk}/change/").status_code == 200

    assert not AuditEvent.objects.exists()


def test_what_is_left_of_a_deleted_organization_is_still_seen(desk, harbour, alice):
    audit.record(harbour, "organization.changed", by=alice)
    event = AuditEvent.objects.latest("pk")
    orphan = AccountFactory(organization=None)
    delete_organization(harbour, by=alice)

    assert desk.get(f"/admin/organizations/auditevent/{event.pk}/change/").status_code == 200
    assert desk.get(f"/admin/billing/billingaccount/{orphan.pk}/change/").status_code == 200


def test_a_look_that_can_not_be_recorded_shows_nothing(desk, harbour, monkeypatch):
    token = TokenFactory(binding__organization=harbour, owner_name="Harbour Robot")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE organizations_auditevent RENAME TO elsewhere")
    desk.raise_request_exception = False

    page = desk.get(f"/admin/bindings/personalaccesstoken/{token.pk}/change/")

    assert page.status_code == 500
    assert "Harbour Robot" not in page.text
    assert PersonalAccessToken.objects.exists()
