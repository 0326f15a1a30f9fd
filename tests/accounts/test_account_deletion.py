"""Deleting one's account: what ends, what stays, and what stands in the way."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.deleting import delete_account, obstacles_of
from accounts.errors import AccountNeeded, StaffStays
from accounts.farewells import send_due_farewells
from accounts.models import ApiToken, Farewell, Notification, User
from accounts.operations import issue_api_token
from bindings import calendars
from claims.models import AccessClaim, ClaimLetter
from claims.operations import claim_organization
from claims.telling import of_new_date
from onboarding.models import Import
from organizations.models import AuditEvent, Invitation, JoinRequest
from projects.models import Estimate
from tests.accounts.people import PASSWORD, is_signed_in, register, sign_in
from tests.billing.rows import AccountFactory
from tests.factories import (
    BindingFactory,
    EstimateFactory,
    ImportFactory,
    NotificationFactory,
    OrganizationFactory,
    ProjectFactory,
    UserFactory,
)
from tests.organizations.crew import join, members_of, owners_of

PAGE = "/settings/delete-account/"


@pytest.fixture
def signed_in(client, bob):
    """Bob's browser, his password just typed again."""
    register(bob)
    sign_in(client, bob.email)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", name="Harbour", owner=alice, member=bob)


def claimed_by(user, **values):
    week = timezone.now() + timedelta(days=7)
    organization = BindingFactory(organization__owner=UserFactory()).organization
    return AccessClaim.objects.create(
        organization=organization,
        user=user,
        statement="Nobody is left.",
        waits_until=week,
        **values,
    )


def test_the_password_is_asked_for_again(browser_of, bob):
    browser = browser_of(bob)

    answers = [browser.get(PAGE), browser.post(PAGE, {"email": bob.email})]

    assert {each["Location"].partition("?")[0] for each in answers} == {"/account/reauthenticate/"}
    assert User.objects.filter(pk=bob.pk).exists()


def test_an_account_goes_with_its_address_typed(signed_in, bob, harbour, committed):
    with committed():
        response = signed_in.post(PAGE, {"email": "Bob@Example.com"}, follow=True)

    assert "Your account is deleted." in response.text
    assert not User.objects.filter(email=bob.email).exists()
    assert members_of(harbour) == ["alice@example.com"]
    assert not is_signed_in(signed_in)


def test_another_address_deletes_nothing(signed_in, bob, harbour):
    response = signed_in.post(PAGE, {"email": "alice@example.com"})

    assert response.status_code == 422
    assert "This is another address. Type bob@example.com." in response.text
    assert members_of(harbour) == ["alice@example.com", "bob@example.com"]


def test_every_browser_and_program_is_out(signed_in, bob, program_of):
    program, elsewhere = program_of(bob), Client()
    sign_in(elsewhere, bob.email)

    delete_account(bob)

    assert program.get("/api/v1/organizations").status_code == 401
    assert not is_signed_in(elsewhere)
    assert not sign_in(Client(), "bob@example.com").has_header("Location")


def test_what_is_only_theirs_goes(bob, harbour):
    secret = calendars.make_address(harbour, bob)
    issue_api_token(bob, name="Scanner", scopes=["imports"])
    NotificationFactory(user=bob)
    EmailAddress.objects.create(user=bob, email=bob.email, verified=True, primary=True)

    delete_account(bob)

    assert Client().get(calendars.path_of(secret)).status_code == 404
    assert not ApiToken.objects.exists()
    assert not Notification.objects.filter(user=bob.pk).exists()
    assert not EmailAddress.objects.exists()


def test_what_belongs_to_the_organization_stays_without_the_name(bob, harbour):
    project = ProjectFactory(organization=harbour, created_by=bob)
    invitation = Invitation.objects.create(
        organization=harbour, email="guest@example.com", invited_by=bob
    )

    delete_account(bob)

    project.refresh_from_db()
    invitation.refresh_from_db()
    assert project.created_by is invitation.invited_by is None
    assert not Invitation.objects.usable().exists()


def test_history_keeps_who_it_was(bob, harbour):
    delete_account(bob)

    event = AuditEvent.objects.get(organization=harbour)
    assert (event.title, event.who) == ("Member left by deleting their account", "bob@example.com")


def test_requests_and_claims_are_withdrawn(alice, bob, harbour):
    other = OrganizationFactory(owner=alice)
    JoinRequest.objects.create(organization=other, user=bob)
    claim = claimed_by(bob)

    delete_account(bob)

    claim.refresh_from_db()
    assert claim.state == "withdrawn"
    assert not JoinRequest.objects.exists()
    assert AuditEvent.objects.filter(organization=other, action="join_request.withdrawn").exists()


def test_a_claim_stays_on_record_and_says_no_name(bob):
    User.objects.filter(pk=bob.pk).update(first_name="Bob", last_name="Harbour")
    register(bob)
    claimed_by(bob, state="withdrawn", decided_at=timezone.now())
    issue_api_token(bob, name="Scanner", scopes=["imports"])
    NotificationFactory(user=bob)

    delete_account(bob)

    left = User.objects.get(pk=bob.pk)
    assert (left.get_full_name(), left.is_active, left.has_usable_password()) == ("", False, False)
    assert left.email == f"deleted-{bob.pk.hex}@example.invalid"
    assert not ApiToken.objects.exists()
    assert not EmailAddress.objects.exists()
    assert not Notification.objects.filter(user=bob.pk).exists()
    assert UserFactory(email="bob@example.com").pk != bob.pk


def test_nobody_who_was_told_of_a_claim_has_the_address_any_more(bob, alice, committed):
    quay = OrganizationFactory(name="Quay", owner=alice, recovery_email="master@example.com")
    with committed():
        claim = claim_organization(quay, external_name="contoso", statement="Hi.", by=bob)
    to_bob = ClaimLetter.objects.create(
        claim=claim, about="x", to=bob.email, to_claimant=True, title="Hello", text="Bob."
    )

    delete_account(bob)

    told = [*ClaimLetter.objects.order_by("about"), *Notification.objects.filter(user=alice)]
    assert len(told) == 5
    assert not any(bob.email in each.title + each.text for each in told)
    assert "somebody whose account is deleted asks support to become an owner of Quay" in (
        told[0].text
    )
    assert ClaimLetter.objects.filter(to="master@example.com", mailed_at__isnull=False).exists()
    to_bob.refresh_from_db()
    assert (to_bob.to, to_bob.mailed_at) == ("deleted@example.invalid", None)
    assert to_bob.given_up_at


def test_nobody_writes_to_who_is_gone(bob, alice):
    claim = claimed_by(bob, state="in_review", strength="strong")
    delete_account(bob)
    claim.refresh_from_db()

    of_new_date(claim)

    assert not ClaimLetter.objects.exists()


def test_unfinished_imports_are_wiped(bob):
    import_ = ImportFactory(ready=True, user=bob, estimate=EstimateFactory())

    delete_account(bob)

    assert not Import.objects.exists()
    assert not Estimate.objects.exists()
    assert AuditEvent.objects.get(action="import.expired").data == {"import_id": str(import_.pk)}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"paid_at": timezone.now(), "state": "refused"}, "You have paid for Contoso"),
        ({"state": "payment_required"}, "A checkout for Contoso is open."),
        (
            {"paid_at": timezone.now(), "given_back_at": timezone.now(), "state": "refused"},
            "is being given back",
        ),
    ],
)
def test_a_paid_import_comes_first(signed_in, bob, values, said):
    account = AccountFactory(organization=None)
    paid = {"is_reserved": True, "billing": account, **values}
    import_ = ImportFactory(ready=True, user=bob, **paid)

    response = signed_in.post(PAGE, {"email": bob.email})

    assert response.status_code == 422
    assert said in response.text
    assert f'href="/imports/{import_.pk}/"' in response.text
    assert Import.objects.get().secret is not None


def test_the_last_owner_is_told_where_and_the_way_out(signed_in, bob, alice, harbour):
    quay = OrganizationFactory(key="quay", name="Quay", owner=bob, member=alice)
    shared = OrganizationFactory(key="shared", name="Shared", owner=bob)
    join(shared, alice, owner=True)

    seen, refused = signed_in.get(PAGE), signed_in.post(PAGE, {"email": bob.email})

    assert refused.status_code == 422
    assert "Something still needs your account." in refused.text
    for page in (seen.text, refused.text):
        assert "You are the only owner of Quay." in page
        assert 'href="/organizations/quay/members/"' in page
        assert 'href="/organizations/quay/settings/delete/"' in page
        assert "only owner of Shared" not in page
    assert owners_of(quay) == ["bob@example.com"]
    assert len(owners_of(shared)) == 2
    assert "bob@example.com" in members_of(harbour)
    assert not mail.outbox and not Farewell.objects.exists()


def test_one_that_can_still_be_brought_back_keeps_its_owner(bob):
    due = timezone.now() + timedelta(days=3)
    OrganizationFactory(name="Quay", owner=bob, deletion_due_at=due)

    with pytest.raises(AccountNeeded):
        delete_account(bob)

    [obstacle] = obstacles_of(bob)
    assert f"can be brought back until {due:%A}" in obstacle.text


def test_another_owner_lets_one_go(bob, alice):
    quay = OrganizationFactory(owner=bob)
    join(quay, alice, owner=True)

    delete_account(bob)

    assert owners_of(quay) == members_of(quay) == ["alice@example.com"]


def test_staff_asks_an_operator(signed_in, bob):
    User.objects.filter(pk=bob.pk).update(is_staff=True)

    seen, refused = signed_in.get(PAGE), signed_in.post(PAGE, {"email": bob.email})

    assert "Ask an operator" in seen.text and "Delete account</button>" not in seen.text
    assert refused.status_code == 422
    with pytest.raises(StaffStays):
        delete_account(bob)
    assert User.objects.filter(pk=bob.pk).exists()


def test_a_mail_confirms_it_once_and_its_address_is_forgotten(bob, committed):
    with committed():
        delete_account(bob)
    delete_account(bob)
    send_due_farewells()

    [told] = mail.outbox
    assert (told.to, told.subject) == (["bob@example.com"], "Your Mooring account is deleted")
    assert "There is nothing left to do." in told.body
    assert not Farewell.objects.exists()


def test_a_mail_that_was_refused_is_tried_again(bob, committed, post, settings):
    settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 1
    with committed():
        delete_account(bob)

    waiting = Farewell.objects.get()
    assert (waiting.attempts, waiting.mailed_at) == (1, None)
    assert waiting.next_attempt_at > timezone.now()


@pytest.mark.parametrize("nameless", [False, True])
def test_ten_organizations_cost_as_much_as_two(queries, alice, nameless):
    costs = []
    for size in (2, 10):
        user = UserFactory()
        for _ in range(size):
            organization = OrganizationFactory(owner=alice)
            join(organization, user, owner=True)
            join(organization, UserFactory(), owner=True)
            NotificationFactory(user=user)
        if nameless:
            claimed_by(user, state="withdrawn", decided_at=timezone.now())
        with queries() as asked:
            delete_account(user)
        costs.append(len(asked))

    assert costs[0] == costs[1]


def test_the_page_costs_the_same_for_ten_organizations_as_for_two(signed_in, bob, queries):
    costs = []
    for size in (2, 10):
        OrganizationFactory.create_batch(size, owner=bob)
        with queries() as asked:
            page = signed_in.get(PAGE)
        assert page.text.count("You are the only owner of") >= size
        costs.append(len(asked))

    assert costs[0] == costs[1]
