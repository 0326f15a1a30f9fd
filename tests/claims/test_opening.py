"""Claiming: what is found, what is refused, and who is told."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import Notification, User
from accounts.personal import everything_of
from bindings.providers.azure_names import OrganizationMalformed
from claims import errors
from claims.deciding import reject_claim
from claims.models import AccessClaim, ClaimLetter
from claims.operations import claim_named, withdraw_claim
from organizations.models import AuditEvent, Membership
from organizations.people import add_member, remove_member
from tests.billing.rows import AccountFactory
from tests.claims.conftest import STATEMENT
from tests.factories import BindingFactory, OrganizationFactory, UserFactory


@pytest.mark.parametrize("name", ["contoso", "CONTOSO", "https://dev.azure.com/contoso/Quayside"])
def test_an_organization_is_claimed_by_any_spelling_of_its_name_there(harbour, charlie, name):
    claim = claim_named(name, statement=STATEMENT, by=charlie)

    assert claim.organization == harbour
    assert (claim.state, claim.strength) == ("gathering", "none")
    assert claim.waits_until == claim.opened_at + timedelta(days=7)
    event = AuditEvent.objects.get(action="claim.opened")
    assert (event.organization_id, event.actor_id) == (harbour.pk, charlie.pk)


def test_what_is_not_here_is_looked_for_and_counted(charlie):
    for _ in range(5):
        with pytest.raises(errors.NotHere, match="We looked for it"):
            claim_named("atlantis", statement=STATEMENT, by=charlie)
    with pytest.raises(errors.ClaimsTooOften):
        claim_named("atlantis", statement=STATEMENT, by=charlie)


def test_a_name_that_is_none_is_refused_in_its_place(charlie):
    with pytest.raises(OrganizationMalformed):
        claim_named("con toso", statement=STATEMENT, by=charlie)


def test_what_waits_to_be_deleted_is_not_here(harbour, charlie):
    harbour.deletion_due_at = timezone.now() + timedelta(days=3)
    harbour.save()

    with pytest.raises(errors.NotHere):
        claim_named("contoso", statement=STATEMENT, by=charlie)


def test_a_claim_says_what_happened(harbour, charlie):
    with pytest.raises(errors.StatementMissing):
        claim_named("contoso", statement="  ", by=charlie)

    assert not AccessClaim.objects.exists()


def test_an_owner_has_nothing_to_claim_and_a_member_has(harbour, alice, bob):
    with pytest.raises(errors.AlreadyOwner):
        claim_named("contoso", statement=STATEMENT, by=alice)

    assert claim_named("contoso", statement=STATEMENT, by=bob).user == bob


def test_one_claim_a_person_and_organization_is_open(claim, charlie, bob):
    with pytest.raises(errors.ClaimOpenAlready):
        claim_named("contoso", statement=STATEMENT, by=charlie)
    claim_named("contoso", statement=STATEMENT, by=bob)

    assert AccessClaim.objects.count() == 2


def test_three_claims_a_person_are_open(charlie):
    for n in range(4):
        BindingFactory(organization=OrganizationFactory(), external_name=f"quay-{n}")
    claims = [claim_named(f"quay-{n}", statement=STATEMENT, by=charlie) for n in range(3)]

    with pytest.raises(errors.TooManyOpen):
        claim_named("quay-3", statement=STATEMENT, by=charlie)
    withdraw_claim(claims[0], by=charlie)
    claim_named("quay-3", statement=STATEMENT, by=charlie)


def test_after_a_rejection_thirty_days_pass(claim, charlie, dora, clock):
    reject_claim(claim, reason="Nobody there knows you.", by=dora)

    clock.shift(timedelta(days=29))
    with pytest.raises(errors.RejectedLately, match="again after"):
        claim_named("contoso", statement=STATEMENT, by=charlie)
    clock.shift(timedelta(days=2))
    claim_named("contoso", statement=STATEMENT, by=charlie)


def test_of_two_with_that_name_the_younger_is_meant(harbour, charlie):
    younger = BindingFactory(external_name="Contoso", created_at=timezone.now())
    younger_still = timezone.now() + timedelta(days=1)
    type(younger).objects.filter(pk=younger.pk).update(created_at=younger_still)

    claim = claim_named("contoso", statement=STATEMENT, by=charlie)

    assert claim.organization == younger.organization


# Who is told


def test_all_owners_are_told_and_mailed_whatever_they_switched_off(claim, alice, bob):
    [told] = Notification.objects.filter(kind="claim_opened")

    assert told.user == alice
    assert told.must_be_mailed and told.mail_due_at
    assert told.title == "Hidden Harbour: somebody claims to have lost access"
    assert "charlie@example.com" in told.text
    assert told.action_path == "/organizations/hidden-key/claims/"
    assert "/claims/objection/" in told.link_url


@pytest.fixture
def contacts(harbour):
    harbour.recovery_email = "harbour.master@example.com"
    harbour.save()
    AccountFactory(organization=harbour, email="money@example.com")


def test_billing_and_recovery_contacts_are_mailed_at_once(contacts, claim, mailoutbox):
    assert sorted(mail.to[0] for mail in mailoutbox) == [
        "harbour.master@example.com",
        "money@example.com",
    ]
    mail = mailoutbox[0]
    assert mail.subject == "Hidden Harbour: somebody claims to have lost access"
    assert "/claims/objection/" in mail.body and "/claims/objection/" in mail.alternatives[0][0]
    assert STATEMENT not in mail.body


def test_nobody_is_told_twice(harbour, charlie, alice, committed, mailoutbox):
    harbour.recovery_email = "Alice@example.com"
    harbour.save()
    AccountFactory(organization=harbour, email="charlie@EXAMPLE.com")

    with committed():
        claim_named("contoso", statement=STATEMENT, by=charlie)

    assert not ClaimLetter.objects.exists()
    assert mailoutbox == []


# The address of the claimant


def verify(user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def test_a_verified_address_on_an_owners_domain_is_weak_evidence(harbour, charlie):
    verify(charlie)

    claim = claim_named("contoso", statement=STATEMENT, by=charlie)

    [found] = claim.evidence.all()
    assert (found.kind, found.weight, found.facts) == (
        "email_domain",
        "weak",
        {"domain": "example.com"},
    )
    assert (claim.state, claim.strength) == ("gathering", "none")


def test_the_claimant_does_not_learn_where_owners_work(
    harbour, charlie, bob, browser_of, program_of
):
    verify(charlie)
    User.objects.filter(pk=bob.pk).update(email="spy@elsewhere.example")
    bob.refresh_from_db()
    verify(bob)

    def told(user):
        claim = claim_named("contoso", statement=STATEMENT, by=user)
        answer = program_of(user, scopes=["claims"]).get(f"/api/v1/claims/{claim.pk}").json()
        page = browser_of(user).get(f"/claims/{claim.pk}/").text
        seen = [title for title, rows in everything_of(user) if "evidence" in title and list(rows)]
        return {each: answer[each] for each in ("state", "evidence")}, "domain" in page, seen

    assert told(charlie) == told(bob) == ({"state": "gathering", "evidence": []}, False, [])


def test_an_address_that_is_not_verified_is_none(harbour, charlie):
    EmailAddress.objects.create(user=charlie, email=charlie.email, verified=False)

    assert not claim_named("contoso", statement=STATEMENT, by=charlie).evidence.exists()


@pytest.mark.parametrize(
    ("owner", "claimant"),
    [
        ("owner@gmail.com", "stranger@gmail.com"),
        ("owner@harbour.example.com", "stranger@example.com"),
        ("owner@example.com", "stranger@not-example.com"),
    ],
)
def test_free_mail_and_other_domains_count_nothing(db, owner, claimant):
    BindingFactory(
        organization=OrganizationFactory(owner=UserFactory(email=owner)), external_name="quay"
    )
    stranger = UserFactory(email=claimant)
    verify(stranger)

    assert not claim_named("quay", statement=STATEMENT, by=stranger).evidence.exists()


def test_that_somebody_was_an_owner_before_is_on_record(harbour, alice, charlie):
    add_member(harbour, charlie, by=alice, role="owner")
    remove_member(harbour, charlie, by=alice)

    claim_named("contoso", statement=STATEMENT, by=charlie)

    facts = dict(AuditEvent.objects.get(action="claim.opened").facts)
    assert facts["The claimant was here before"].startswith("Member removed on ")


def test_a_claim_makes_nobody_a_member(claim, charlie):
    assert not Membership.objects.filter(user=charlie).exists()
