"""Everything we hold about a person, for that person, and nothing that is a secret."""

import json
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.utils import timezone

from accounts import personal
from accounts.kinds import Kind
from accounts.models import User
from accounts.notifications import choose_mails
from accounts.operations import issue_api_token
from bindings import calendars
from claims.models import AccessClaim, ClaimMessage
from claims.operations import claim_organization, withdraw_claim
from organizations import audit
from organizations.asking import ask_to_join
from organizations.inviting import invite
from organizations.models import Invitation, JoinRequest, Organization
from organizations.people import remove_member
from tests.accounts.people import PASSWORD, register, sign_in
from tests.factories import (
    BindingFactory,
    ImportFactory,
    NotificationFactory,
    OrganizationFactory,
    ProjectFactory,
    UserFactory,
)
from tests.organizations.crew import join

DOWNLOAD = "/settings/data/download/"
# What names a person and is in no part, and why.
LEFT_OUT = {
    "admin.LogEntry.user": "Nobody changes anything at the desk but by operations, on our record.",
    "claims.AccessClaim.assignee": "What is on a desk of ours says nothing about who sits there.",
    "claims.AccessClaim.approved_by_first": "The same as a decision, which is in a part.",
    "claims.AccessClaim.approved_by_second": "The same as a decision, which is in a part.",
}


@pytest.fixture
def browser(client, bob):
    """Bob's browser, his password just typed again."""
    register(bob)
    sign_in(client, bob.email)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def taken(browser):
    return json.loads(browser.get(DOWNLOAD).getvalue())


def test_every_table_that_names_a_person_is_in_a_part_or_left_out_for_a_reason():
    references = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model is User
    }
    covered = {f"{part.model}.{part.person}" for part in personal.parts()}

    assert references - covered == set(LEFT_OUT)
    assert len({part.title for part in personal.parts()}) == len(personal.parts())


def test_the_password_is_asked_for_again(browser_of, bob):
    response = browser_of(bob).get(DOWNLOAD)

    assert response["Location"].startswith("/account/reauthenticate/?next=")


def test_it_is_a_file_that_nobody_keeps(browser):
    response = browser.get(DOWNLOAD)

    assert response["Content-Disposition"] == 'attachment; filename="mooring-data.json"'
    assert "no-store" in response["Cache-Control"]


def test_it_has_what_is_theirs_from_every_room(browser, bob, alice):
    harbour = OrganizationFactory(key="harbour", name="Harbour", owner=alice)
    join(harbour, bob, owner=True)
    choose_mails(bob, {Kind.TOKEN_RECOVERED: False})
    NotificationFactory(user=bob, title="Harbour's token expires")
    Invitation.objects.create(organization=harbour, email="guest@example.com", invited_by=bob)
    Invitation.objects.create(organization=OrganizationFactory(), email=bob.email, invited_by=alice)
    calendars.make_address(harbour, bob)
    project = ProjectFactory(organization=harbour, created_by=bob)
    ImportFactory(user=bob, external_name="contoso")
    audit.record(harbour, "organization.changed", by=bob, name="Harbour")

    data = taken(browser)

    assert data["profile"][0]["email"] == "bob@example.com"
    assert data["e-mail addresses"] == [
        {"email": "bob@example.com", "verified": True, "primary": True}
    ]
    [membership] = data["memberships"]
    assert (membership["organization_key"], membership["groups_kind"]) == ("harbour", "owners")
    assert data["notifications by e-mail"] == [{"kind": "token_recovered", "by_mail": False}]
    assert data["notifications"][0]["title"] == "Harbour's token expires"
    assert data["invitations sent"][0]["email"] == "guest@example.com"
    assert data["invitations received"][0]["email"] == "bob@example.com"
    assert data["calendars"][0]["organization_key"] == "harbour"
    assert data["projects created"][0]["id"] == str(project.pk)
    assert data["imports"][0]["external_name"] == "contoso"
    assert data["history: what you did"][0]["action"] == "organization.changed"


def test_it_has_nothing_of_others(browser, alice):
    harbour = OrganizationFactory(owner=alice)
    NotificationFactory(user=alice)
    ImportFactory(user=alice)
    issue_api_token(alice, name="Scanner", scopes=["imports"])
    Invitation.objects.create(organization=harbour, email="guest@example.com", invited_by=alice)
    audit.record(harbour, "organization.changed", by=alice)

    data = taken(browser)

    filled = {title for title, rows in data.items() if rows}
    assert filled == {"profile", "e-mail addresses"}


def test_an_address_that_is_not_confirmed_brings_no_invitation(browser, bob):
    EmailAddress.objects.create(user=bob, email="alice@example.com", verified=False)
    Invitation.objects.create(organization=OrganizationFactory(), email="alice@example.com")

    assert taken(browser)["invitations received"] == []


def test_what_an_organization_is_called_stays_with_those_it_let_in(browser, bob):
    """Of one that is only asked, claimed or left, one learns nothing by this."""
    unseen = OrganizationFactory(key="unseen-quay", name="Unseen Quay", owner=UserFactory())
    BindingFactory(organization=unseen)
    JoinRequest.objects.create(organization=unseen, user=bob, known_as="contoso")
    week = timezone.now() + timedelta(days=7)
    claim = AccessClaim.objects.create(
        organization=unseen, user=bob, external_name="contoso", statement="Hi.", waits_until=week
    )
    ClaimMessage.objects.create(claim=claim, from_support=True, text="Who are you?")
    ProjectFactory(organization=unseen, created_by=bob, name="Unseen crane", key="unseen-crane")

    data = taken(browser)

    assert data["requests to join"][0]["known_as"] == "contoso"
    assert data["claims"][0]["external_name"] == "contoso"
    assert data["messages about claims"][0]["text"] == "Who are you?"
    assert "unseen" not in json.dumps(data).lower()


def test_who_asks_and_claims_from_outside_learns_no_key_by_their_own_acts(browser, bob):
    unseen = BindingFactory(organization__key="unseen-quay", organization__name="Unseen Quay")
    ask_to_join(unseen.organization, by=bob, known_as="contoso")
    claim = claim_organization(
        unseen.organization, external_name="contoso", statement="Hi.", by=bob
    )
    withdraw_claim(claim, by=bob)

    data = taken(browser)

    acts = {event["action"] for event in data["history: what you did from outside"]}
    assert acts == {"join_request.made", "claim.opened", "claim.withdrawn"}
    assert "unseen" not in json.dumps(data).lower()


def test_whom_an_organization_let_go_does_not_learn_what_it_is_called_now(browser, bob, alice):
    harbour = OrganizationFactory(key="harbour", owner=alice)
    join(harbour, bob, owner=True)
    invite(harbour, "guest@example.com", by=bob)
    remove_member(harbour, bob, by=alice)
    Organization.objects.update(key="unseen-quay")

    data = taken(browser)

    assert data["history: what you did"][0]["organization_key"] == "harbour"
    assert data["invitations sent"][0]["email"] == "guest@example.com"
    assert "unseen" not in json.dumps(data)


def test_no_secret_is_in_it(browser, bob):
    harbour = OrganizationFactory(owner=bob)
    token, secret = issue_api_token(bob, name="Scanner", scopes=["imports"])
    feed = calendars.make_address(harbour, bob)
    import_ = ImportFactory(user=bob)
    factor = Authenticator.objects.create(
        user=bob, type="totp", data={"secret": "a-secret-to-count-with"}
    )
    week = timezone.now() + timedelta(days=7)
    claim = AccessClaim.objects.create(
        organization=OrganizationFactory(), user=bob, statement="Hi.", waits_until=week
    )
    bob.refresh_from_db()

    told = browser.get(DOWNLOAD).getvalue().decode()

    secrets = [secret, token.digest, feed, bob.calendar_feeds.get().digest, bob.password, PASSWORD]
    secrets += [import_.secret, factor.data["secret"], claim.nonce]
    assert token.prefix in told
    assert [each for each in secrets if each in told] == []


def test_more_than_fit_into_memory_at_once_all_come(browser, bob, monkeypatch, queries):
    monkeypatch.setattr(personal, "AT_ONCE", 3)
    NotificationFactory.create_batch(7, user=bob)

    titles = [row["title"] for row in taken(browser)["notifications"]]

    assert len(set(titles)) == 7


def test_it_costs_the_same_for_sixty_of_everything(browser, bob, queries):
    costs = []
    for size in (2, 60):
        for organization in OrganizationFactory.create_batch(size, owner=bob):
            audit.record(organization, "organization.changed", by=bob)
        NotificationFactory.create_batch(size, user=bob)
        ImportFactory.create_batch(size, user=bob)
        with queries() as asked:
            data = json.loads(browser.get(DOWNLOAD).getvalue())
        assert len(data["notifications"]) >= size
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_ten_times_an_hour_are_enough(browser):
    answers = [browser.get(DOWNLOAD).status_code for _ in range(11)]

    assert answers == [200] * 10 + [429]


def test_the_page_says_what_is_in_it(browser):
    page = browser.get("/settings/data/").text

    assert f'href="{DOWNLOAD}"' in page
    assert "Memberships" in page and "Imports" in page
