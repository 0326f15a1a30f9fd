"""Invitations end with the power of who sent them, and with the need for them."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.deleting import delete_account
from accounts.models import Notification
from organizations.asking import approve, ask_to_join
from organizations.errors import AlreadyMember, InvitationOver
from organizations.inviting import accept, invite, resend, revoke
from organizations.links import path_of
from organizations.models import AuditEvent, Invitation, Role
from organizations.people import leave, make_member, remove_member
from organizations.tasks import forget_old_invitations
from tests.factories import OrganizationFactory
from tests.organizations.crew import join, members_of, owners_of, verified


@pytest.fixture
def bob(db):
    return verified("bob@example.com")


@pytest.fixture
def harbour(alice, bob):
    organization = OrganizationFactory(key="harbour", name="Old Harbour", owner=alice)
    join(organization, bob, owner=True)
    return organization


@pytest.fixture
def dora(db):
    return verified("dora@example.com")


@pytest.fixture
def of_bob(harbour, bob, dora):
    """Bob invites Dora as an owner."""
    return invite(harbour, dora.email, by=bob, role=Role.OWNER)


def another_address(user, email):
    EmailAddress.objects.create(user=user, email=email, verified=True)


def ended():
    """What the record says of invitations that were taken back, and by whom."""
    events = AuditEvent.objects.filter(action="invitation.revoked").order_by("pk")
    return [(event.actor_email, event.data["email"]) for event in events]


ENDS = {
    "removed": lambda harbour, bob, alice: remove_member(harbour, bob, by=alice),
    "demoted": lambda harbour, bob, alice: make_member(harbour, bob, by=alice),
    "gone": lambda harbour, bob, alice: leave(harbour, by=bob),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_somebody_sent_ends_when_they_own_no_more(harbour, of_bob, bob, alice, dora, end):
    kept = invite(harbour, "emil@example.com", by=alice)

    ENDS[end](harbour, bob, alice)
    with pytest.raises(InvitationOver):
        accept(of_bob, sending=1, by=dora)

    assert owners_of(harbour) == ["alice@example.com"]
    assert list(Invitation.objects.open()) == [kept]
    assert ended() == [(bob.email if end == "gone" else alice.email, dora.email)]
    assert not Notification.objects.unread().filter(user=dora).exists()


@pytest.mark.django_db(transaction=True)
def test_what_somebody_sent_ends_with_their_account(harbour, of_bob, bob, dora):
    delete_account(bob)

    with pytest.raises(InvitationOver):
        accept(of_bob, sending=1, by=dora)
    assert owners_of(harbour) == ["alice@example.com"]
    assert ended() == [("bob@example.com", dora.email)]


def test_whom_an_operator_shuts_out_lets_nobody_in(harbour, of_bob, bob, dora):
    bob.is_active = False
    bob.save()

    with pytest.raises(InvitationOver):
        accept(of_bob, sending=1, by=dora)
    assert owners_of(harbour) == ["alice@example.com", "bob@example.com"]


def test_what_another_owner_sent_again_is_theirs(harbour, of_bob, bob, alice, dora):
    resend(of_bob, by=alice)
    remove_member(harbour, bob, by=alice)

    accept(of_bob, sending=2, by=dora)

    assert owners_of(harbour) == ["alice@example.com", dora.email]


@pytest.mark.parametrize("page", ["members/{pk}/", "members/leave/"])
def test_the_page_says_so_before(harbour, bob, client, page):
    client.force_login(bob)

    text = client.get(f"/organizations/harbour/{page.format(pk=bob.pk)}").text

    assert "nobody has accepted are taken back" in text


@pytest.mark.parametrize("act", [remove_member, leave])
def test_nobody_comes_back_by_another_address_of_theirs(harbour, alice, dora, act):
    another_address(dora, "d@example.org")
    invitation = invite(harbour, "d@example.org", by=alice, role=Role.OWNER)
    join(harbour, dora)

    if act is leave:
        leave(harbour, by=dora)
    else:
        remove_member(harbour, dora, by=alice)
    with pytest.raises(InvitationOver):
        accept(invitation, sending=1, by=dora)

    assert owners_of(harbour) == ["alice@example.com", "bob@example.com"]


def test_who_belongs_by_one_address_is_invited_by_none(harbour, alice, dora):
    another_address(dora, "d@example.org")
    join(harbour, dora)

    with pytest.raises(AlreadyMember):
        invite(harbour, "d@example.org", by=alice)

    assert not Invitation.objects.exists()


def test_an_address_that_is_not_confirmed_is_nobodys(harbour, alice, dora):
    EmailAddress.objects.create(user=dora, email="d@example.org", verified=False)
    join(harbour, dora)

    invitation = invite(harbour, "d@example.org", by=alice)
    remove_member(harbour, dora, by=alice)

    assert list(Invitation.objects.usable()) == [invitation]


def test_who_is_let_in_needs_no_invitation_to_any_address(harbour, alice, dora):
    another_address(dora, "d@example.org")
    for email in ("dora@example.com", "d@example.org"):
        invite(harbour, email, by=alice, role=Role.OWNER)

    approve(ask_to_join(harbour, by=dora), by=alice)

    assert not Invitation.objects.open().exists()
    assert sorted(ended()) == [(alice.email, "d@example.org"), (alice.email, "dora@example.com")]


def test_who_comes_in_by_invitation_takes_their_request_back(harbour, alice, dora):
    request = ask_to_join(harbour, by=dora)

    accept(invite(harbour, dora.email, by=alice), sending=1, by=dora)

    request.refresh_from_db()
    assert (request.state, request.decided_by) == ("withdrawn", dora)
    event = AuditEvent.objects.get(action="join_request.withdrawn")
    assert event.actor_email == dora.email
    assert not Notification.objects.unread().filter(user=alice).exists()


def test_a_link_that_was_used_welcomes_nobody_who_was_removed(harbour, alice, dora, client):
    invitation = invite(harbour, dora.email, by=alice)
    accept(invitation, sending=1, by=dora)
    remove_member(harbour, dora, by=alice)
    client.force_login(dora)

    page = client.post(path_of(invitation))

    assert page.status_code == 410
    assert dora.email not in members_of(harbour)


def test_it_is_forgotten_thirty_days_after_its_end(harbour, alice, dora):
    invitation = invite(harbour, dora.email, by=alice)
    taken = invite(harbour, "emil@example.com", by=alice)
    revoke(taken, by=alice)
    now = timezone.now()

    with time_machine.travel(now + timedelta(days=31)):
        forget_old_invitations()
        assert list(Invitation.objects.all()) == [invitation]  # it ended seven days later
    with time_machine.travel(now + timedelta(days=38)):
        forget_old_invitations()

    assert not Invitation.objects.exists()
