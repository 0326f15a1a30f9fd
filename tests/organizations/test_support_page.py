"""All of an organization on one page of the support desk."""

import re
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission

from accounts.roles import make_support
from organizations import audit
from organizations.models import GroupMembership, Membership
from tests.billing.rows import InvoiceFactory, OperationFactory, SubscriptionFactory
from tests.factories import (
    BindingFactory,
    ClaimFactory,
    ImportFactory,
    NotificationFactory,
    OrganizationFactory,
    ProjectFactory,
    RepositoryFactory,
    SizeFactory,
    TokenFactory,
    UserFactory,
    VerificationFactory,
)
from tests.tokens import make_token


@pytest.fixture
def dora(db):
    """At the support desk, to look."""
    dora = UserFactory(email="dora@example.com")
    make_support(dora, may_act=False)
    return dora


@pytest.fixture
def desk(browser_of, dora):
    return browser_of(dora)


def page_of(organization):
    return f"/admin/organizations/organization/{organization.pk}/change/"


def panels(page):
    """What each panel says, by its title."""
    parts = re.split(r'<section class="panel"[^>]*>\s*<h2[^>]*>', page.text)[1:]
    return {re.sub(r"<[^>]+>", "", part.partition("</h2>")[0]): part for part in parts}


def filled(owner, size=1):
    """An organization with so many of everything."""
    organization = OrganizationFactory(owner=owner)
    group = organization.groups.get()
    for user in UserFactory.create_batch(size):
        membership = Membership.objects.create(organization=organization, user=user)
        GroupMembership.objects.create(group=group, membership=membership)
    binding = BindingFactory(organization=organization)
    TokenFactory(binding=binding)
    VerificationFactory.create_batch(size, binding=binding)
    for repository in RepositoryFactory.create_batch(size, binding=binding):
        project = ProjectFactory(organization=organization, repository=repository)
        SizeFactory(project=project)
    account = SubscriptionFactory(account__organization=organization).account
    InvoiceFactory.create_batch(size, account=account)
    OperationFactory.create_batch(size, account=account, by=owner)
    ImportFactory.create_batch(size, organization=organization)
    ClaimFactory.create_batch(size, organization=organization)
    page = f"/organizations/{organization.key}/"
    NotificationFactory.create_batch(size, user=owner, action_path=page)
    for _ in range(size):
        audit.record(organization, "organization.changed", by=owner)
    return organization


def test_it_says_who_the_organization_is_and_whose(desk):
    seen = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
    eve = UserFactory(email="eve@example.com", last_login=seen)
    organization = OrganizationFactory(
        key="harbour", name="Harbour", owner=eve, member=UserFactory(email="finn@example.com")
    )

    page = desk.get(f"/admin/organizations/organization/{organization.pk}/", follow=True)

    said = panels(page)
    assert "<dd>Harbour</dd>" in said["Identity"] and str(organization.pk) in said["Identity"]
    assert "<dt>Members</dt><dd>2</dd>" in said["People"]
    assert "eve@example.com" in said["People"] and "2026-11-24 09:05" in said["People"]
    assert "finn@example.com" not in said["People"]


def test_it_has_what_every_room_knows(desk, alice):
    organization = OrganizationFactory(key="harbour", owner=alice)
    binding = BindingFactory(organization=organization, external_name="contoso")
    TokenFactory(
        binding=binding, last_four="wxyz", verdict="token_expired", expiry_source="unknown"
    )
    VerificationFactory(binding=binding, verdict="healthy", activity_id="a1b2")
    RepositoryFactory(binding=binding)
    SizeFactory(project=ProjectFactory(organization=organization), loc=182_400)
    account = SubscriptionFactory(account__organization=organization).account
    InvoiceFactory(account=account, number="HARBOUR-0007")
    OperationFactory(account=account, kind="downgrade", state="waiting")
    OperationFactory(account=account, kind="cancel", state="done")
    ImportFactory(organization=organization, external_name="contoso", state="created", secret=None)
    ClaimFactory(organization=organization, user__email="charlie@example.com")
    audit.record(organization, "projects.added", by=alice, keys=["crane"])

    said = panels(desk.get(page_of(organization)))

    assert list(said) == [
        "Identity",
        "People",
        "Binding",
        "Code",
        "Billing",
        "Lost access",
        "Imports",
        "Lately told to owners",
        "On the record",
    ]
    assert "contoso (Azure DevOps)" in said["Binding"]
    assert "Current …wxyz" in said["Binding"] and "a1b2" in said["Binding"]
    assert "182,400, of 1 private projects" in said["Code"]
    assert "HARBOUR-0007" in said["Billing"]
    assert "Change at the end of the period" in said["Billing"]
    assert "Cancel at the end of the period" not in said["Billing"]
    assert "charlie@example.com" in said["Lost access"]
    assert "Gathering evidence" in said["Lost access"]
    assert "contoso" in said["Imports"]
    assert "Projects added" in said["On the record"] and "crane" in said["On the record"]


def test_it_says_what_owners_were_told_about_it_and_whether_that_was_mailed(desk, alice):
    organization = OrganizationFactory(key="harbour", owner=alice)
    at = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    here, elsewhere = "/organizations/harbour/binding/", "/organizations/harbour-2/binding/"
    NotificationFactory(user=alice, title="It was mailed", action_path=here, mailed_at=at)
    NotificationFactory(
        user=alice, title="It waits", action_path=here, mail_due_at=at, mail_attempts=3
    )
    NotificationFactory(user=alice, title="Of another", action_path=elsewhere)
    NotificationFactory(title="To another", action_path=here)

    told = panels(desk.get(page_of(organization)))["Lately told to owners"]

    assert "It was mailed" in told and "2026-11-24 07:00" in told
    assert "It waits" in told and "tried 3 times" in told
    assert "Of another" not in told and "To another" not in told


def test_an_organization_with_nothing_has_a_page(desk):
    said = panels(desk.get(page_of(OrganizationFactory())))

    assert "nothing was ever bought" in said["Billing"]
    assert "None." in said["Imports"]


def test_each_panel_leads_to_its_lists(desk, alice):
    organization = filled(alice)

    page = desk.get(page_of(organization)).text

    places = set(re.findall(r'href="(/admin/[^"]+)"', page[page.index("content-main") :]))
    assert len(places) > 15
    assert [place for place in places if desk.get(place).status_code != 200] == []


def test_no_panel_has_a_secret_or_a_trace_of_one(desk, alice):
    pasted = make_token()
    organization = OrganizationFactory(owner=alice)
    binding = BindingFactory(organization=organization)
    TokenFactory(binding=binding, secret=pasted)
    ImportFactory(organization=organization, secret=pasted)

    page = desk.get(page_of(organization)).text

    assert [trace for trace in (pasted[4:40], "gAAAA", "Sealed") if trace in page] == []


def test_it_costs_the_same_with_few_and_many_of_everything(desk, alice, queries):
    costs = []
    for size in (2, 40):
        organization = filled(alice, size)
        desk.get(page_of(organization))
        with queries() as asked:
            assert desk.get(page_of(organization)).status_code == 200
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_a_panel_is_for_who_may_see_what_it_has(browser_of, alice):
    organization = filled(alice)
    finn = UserFactory(is_staff=True)
    names = ["view_organization", "view_devopsbinding"]
    finn.user_permissions.set(Permission.objects.filter(codename__in=names))

    said = panels(browser_of(finn).get(page_of(organization)))

    assert list(said) == ["Identity", "Binding"]


def test_looking_at_it_is_one_look(desk, alice):
    organization = filled(alice)

    desk.get(page_of(organization))

    (look,) = organization.audit_events.filter(action="support.viewed")
    assert look.data["what"] == f"Organization: {organization.key}"
