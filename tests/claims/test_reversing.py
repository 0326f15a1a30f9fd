"""For fourteen days support takes back what an approval gave."""

from datetime import timedelta

import pytest

from accounts.models import Notification
from claims import errors
from claims.deciding import approve_claim, reverse_claim
from claims.models import ClaimLetter, Decision
from claims.operations import claim_named, paste_token
from claims.ownership import is_owner
from organizations.models import AuditEvent, Membership
from organizations.owners import owners_of
from organizations.people import add_member, leave, make_member, remove_member
from tests.claims.conftest import STATEMENT
from tests.factories import UserFactory

BECAUSE = "She answered from the billing address."


def approve(claim, *staff):
    return [approve_claim(claim, reason=BECAUSE, by=each) for each in staff]


def actions():
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


@pytest.fixture
def approved(reviewed, dora, erik, now_):
    approve(reviewed, dora, erik)
    return now_(reviewed)


def test_one_of_support_takes_back_what_was_given(approved, harbour, alice, charlie, dora, now_):
    reverse_claim(approved, reason=BECAUSE, by=dora)

    assert now_(approved).state == "reversed"
    assert list(owners_of(harbour.pk)) == [alice]
    assert not Membership.objects.filter(user=charlie).exists()
    assert actions()[-1] == "claim.reversed"
    assert Notification.objects.filter(kind="claim_decided", user=alice).count() == 2
    assert ClaimLetter.objects.filter(about="claimant-reversed").exists()


def test_who_was_removed_by_the_claimant_owns_it_again(
    approved, harbour, alice, charlie, dora, now_
):
    evil = UserFactory()
    add_member(harbour, evil, by=charlie, role="owner")
    remove_member(harbour, alice, by=evil)

    reverse_claim(approved, reason=BECAUSE, by=dora)

    assert now_(approved).state == "reversed"
    assert list(owners_of(harbour.pk)) == [alice]
    assert Notification.objects.filter(user=alice, title__contains="is no owner any more").exists()
    assert Membership.objects.filter(user=evil).exists()
    assert not Membership.objects.filter(user=charlie).exists()
    assert actions()[-4:-1] == ["owner.added", "owner.removed", "owner.removed"]


def test_who_left_or_was_removed_by_another_owner_stays_away(
    harbour, alice, reviewed, dora, erik, now_
):
    anna, otto = UserFactory(), UserFactory()
    for owner in (anna, otto):
        add_member(harbour, owner, by=alice, role="owner")
    approve(reviewed, dora, erik)
    remove_member(harbour, anna, by=alice)
    leave(harbour, by=otto)

    reverse_claim(now_(reviewed), reason=BECAUSE, by=dora)

    assert list(owners_of(harbour.pk)) == [alice]


def test_who_was_made_a_member_goes_as_well(approved, harbour, alice, charlie, dora, now_):
    make_member(harbour, charlie, by=alice)

    reverse_claim(approved, reason=BECAUSE, by=dora)

    assert now_(approved).state == "reversed"
    assert not Membership.objects.filter(user=charlie).exists()


def test_of_two_reversals_the_second_brings_nobody_back_whom_the_first_took_out(
    approved, harbour, alice, charlie, sandbox, committed, days_pass, dora, erik, now_
):
    second = UserFactory()
    claim = claim_named("contoso", statement=STATEMENT, by=second)
    with committed():
        paste_token(claim, sandbox.token("healthy"), by=second)
    days_pass(7)
    approve(claim, dora, erik)

    reverse_claim(approved, reason=BECAUSE, by=dora)
    reverse_claim(now_(claim), reason=BECAUSE, by=dora)

    assert list(owners_of(harbour.pk)) == [alice]


def test_an_organization_keeps_an_owner(approved, harbour, alice, charlie, dora, now_):
    leave(harbour, by=alice)

    with pytest.raises(errors.NoOtherOwner):
        reverse_claim(approved, reason=BECAUSE, by=dora)

    assert now_(approved).state == "approved" and is_owner(harbour.pk, charlie)
    assert not Decision.objects.filter(kind="reverse").exists()


def test_after_fourteen_days_it_stays(approved, dora, clock):
    clock.shift(timedelta(days=14, seconds=1))

    with pytest.raises(errors.ReversalTooLate):
        reverse_claim(approved, reason=BECAUSE, by=dora)


def test_what_was_not_approved_can_not_be_reversed(proven, dora):
    with pytest.raises(errors.NotApproved):
        reverse_claim(proven, reason=BECAUSE, by=dora)


def test_twice_is_once(approved, dora, erik):
    reverse_claim(approved, reason=BECAUSE, by=dora)

    with pytest.raises(errors.NotApproved):
        reverse_claim(approved, reason=BECAUSE, by=erik)
