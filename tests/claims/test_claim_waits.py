"""How long owners may object: shorter where nobody comes, and longer never in silence."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notification, User
from claims import sweeping
from claims.deciding import approve_claim
from claims.errors import StillWaiting
from claims.models import ClaimLetter
from claims.objecting import object_as_owner
from claims.operations import claim_named, look_now, paste_token
from claims.sweeping import sweep
from organizations.models import AuditEvent, Group, GroupMembership, Membership
from tests.claims.conftest import STATEMENT
from tests.factories import BindingFactory, ClaimFactory, UserFactory

TWO, SEVEN = timedelta(days=2), timedelta(days=7)


def last_seen(user, days):
    User.objects.filter(pk=user.pk).update(
        last_login=timezone.now() - timedelta(days=days),
        date_joined=timezone.now() - timedelta(days=1000),
    )


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_a_claim_waits_for_seven_days_from_its_opening(proven, days_pass, now_):
    assert proven.waits_until == proven.opened_at + SEVEN
    days_pass(6)
    assert now_(proven).state == "waiting"

    days_pass(1)

    assert now_(proven).state == "in_review"
    assert now_(proven).due_at > timezone.now()
    assert actions().count("claim.in_review") == 1


@pytest.fixture
def absent(alice, clock):
    """No owner has signed in for 91 days."""
    last_seen(alice, 91)


def test_nobody_there_and_strong_evidence_make_it_two(absent, proven, days_pass, now_):
    assert proven.waits_until == proven.opened_at + TWO
    assert "no owner has signed in for 90 days" in proven.shortened_because
    assert "claim.wait_shortened" in actions()
    told = Notification.objects.filter(kind="claim_opened", subject=str(proven.pk))
    assert [each.title for each in told.order_by("created_at", "threshold")].count(
        "Hidden Harbour: the claim on it may be decided earlier"
    ) == 1

    days_pass(2)

    assert now_(proven).state == "in_review"


def test_an_owner_who_never_signed_in_came_when_they_signed_up(alice, proven, sandbox):
    assert alice.last_login is None
    assert proven.waits_until == proven.opened_at + SEVEN


def test_one_owner_who_comes_is_enough(absent, harbour, sandbox, charlie, committed, now_):
    other = UserFactory()
    last_seen(other, 89)
    GroupMembership.objects.create(
        group=harbour.groups.get(kind=Group.Kind.OWNERS),
        membership=Membership.objects.create(organization=harbour, user=other),
    )
    claim = claim_named("contoso", statement=STATEMENT, by=charlie)
    with committed():
        paste_token(claim, sandbox.token("healthy"), by=charlie)

    assert now_(claim).waits_until == claim.opened_at + SEVEN


def test_weak_evidence_shortens_nothing(absent, claim, sandbox, charlie, committed, now_):
    with committed():
        paste_token(claim, sandbox.token("admin-cannot-ask"), by=charlie)

    assert now_(claim).strength == "weak"
    assert now_(claim).waits_until == claim.opened_at + SEVEN


def test_an_owner_who_signs_in_has_seven_days_again_and_that_is_said(
    absent, proven, alice, days_pass, now_
):
    days_pass(1)
    last_seen(alice, 0)

    days_pass(2)

    claim = now_(proven)
    assert (claim.state, claim.waits_until) == ("waiting", claim.opened_at + SEVEN)
    assert claim.shortened_because == ""
    assert "claim.wait_lengthened" in actions()
    assert not ClaimLetter.objects.filter(to_claimant=True).exists()


def test_who_signs_in_a_moment_before_the_approval_is_waited_for(
    absent, proven, alice, days_pass, now_, dora
):
    days_pass(2)
    last_seen(alice, 0)

    with pytest.raises(StillWaiting):
        approve_claim(now_(proven), reason="It is clear.", by=dora)


def test_a_date_is_told_once(absent, proven, days_pass):
    before = ClaimLetter.objects.count(), Notification.objects.count()

    sweep()
    sweep()

    assert (ClaimLetter.objects.count(), Notification.objects.count()) == before
    assert actions().count("claim.wait_shortened") == 1


def test_how_long_is_a_setting(settings, claim, harbour, bob):
    settings.CLAIM_WAITING_DAYS = 10

    other = claim_named("contoso", statement=STATEMENT, by=bob)

    assert other.waits_until == other.opened_at + timedelta(days=10)


def test_without_evidence_a_claim_runs_out_after_fourteen_days(
    claim, days_pass, now_, mailoutbox, alice
):
    days_pass(13)
    assert now_(claim).state == "gathering"

    days_pass(1)

    assert now_(claim).state == "expired"
    assert ClaimLetter.objects.get(about="claimant-expired").to == "charlie@example.com"
    first, last = Notification.objects.filter(kind="claim_opened").order_by("created_at")
    assert first.read_at and last.title == "Hidden Harbour: the claim on it has run out"
    assert actions()[-1] == "claim.expired"


def test_weak_evidence_goes_to_review_and_runs_out_then(
    claim, sandbox, charlie, committed, days_pass, now_
):
    with committed():
        paste_token(claim, sandbox.token("admin-cannot-ask"), by=charlie)

    days_pass(13)
    assert now_(claim).state == "in_review"
    days_pass(1)

    assert now_(claim).state == "expired"


def test_an_objected_claim_without_evidence_runs_out_as_well(claim, alice, days_pass, now_):
    object_as_owner(claim, by=alice)

    days_pass(14)

    assert now_(claim).state == "expired"


def test_owners_have_two_days_from_when_they_are_told_of_them(
    absent, claim, sandbox, charlie, committed, clock, days_pass, now_, alice
):
    days_pass(4)
    with committed():
        paste_token(claim, sandbox.token("healthy"), by=charlie)

    told = now_(claim).waits_until
    assert told == timezone.now() + TWO
    notice = Notification.objects.get(user=alice, title__contains="may be decided earlier")
    assert f"Object by {told:%A}" in notice.text
    days_pass(1)
    assert (now_(claim).state, now_(claim).waits_until) == ("waiting", told)
    days_pass(1)
    assert now_(claim).state == "in_review"


def test_nobody_waits_for_longer_by_that(
    absent, claim, sandbox, charlie, committed, days_pass, now_
):
    days_pass(6)
    with committed():
        paste_token(claim, sandbox.token("healthy"), by=charlie)

    assert now_(claim).waits_until == claim.opened_at + SEVEN
    assert now_(claim).shortened_because == ""


def test_words_alone_shorten_nothing(absent, claim, sandbox, charlie, committed, days_pass, now_):
    sandbox.describe_project("contoso", "Quayside", claim.nonce)
    with committed():
        look_now(claim, by=charlie)
    sweep()

    assert now_(claim).strength == "strong"
    assert now_(claim).waits_until == claim.opened_at + SEVEN


def test_a_claimant_does_not_learn_when_an_owner_was_there(
    absent, proven, charlie, browser_of, program_of, days_pass, alice
):
    program = program_of(charlie, scopes=["claims"])

    def told():
        page = browser_of(charlie).get(f"/claims/{proven.pk}/").text
        assert "90 days" not in page and "signed in" not in page
        answer = program.get(f"/api/v1/claims/{proven.pk}").json()
        return [line for line in page.splitlines() if "Owners may object" in line], answer

    shortened = told()
    last_seen(alice, 0)
    days_pass(0.01)

    assert told() == shortened
    assert not ClaimLetter.objects.filter(to_claimant=True).exists()


# The sweep


def test_who_waited_long_is_not_kept_waiting_by_many_others(db, monkeypatch, days_pass, now_):
    monkeypatch.setattr(sweeping, "MOST_AT_ONCE", 3)
    organization = BindingFactory().organization
    week = timezone.now() + SEVEN
    reviewed = {"state": "in_review", "strength": "strong", "waits_until": week}
    ClaimFactory.create_batch(5, organization=organization, **reviewed)
    waiting = [
        ClaimFactory(organization=organization, state="waiting", strength="strong")
        for _ in range(4)
    ]

    days_pass(8)
    sweep()

    assert {now_(claim).state for claim in waiting} == {"in_review"}
