"""Nobody comes to own an organization, or is put out of one, in silence."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts.deleting import delete_account
from accounts.kinds import Kind
from accounts.models import Notification
from accounts.notifications import choose_mails
from accounts.tasks import send_mails
from organizations.inviting import accept, invite
from organizations.models import Role
from organizations.people import add_member, leave, make_member, make_owner, remove_member
from tests.factories import OrganizationFactory
from tests.organizations.crew import join, verified


@pytest.fixture
def dora(db):
    return verified("dora@example.com")


@pytest.fixture
def harbour(alice, bob, charlie, dora):
    """Alice and Bob own it, Charlie and Dora belong to it."""
    organization = OrganizationFactory(key="harbour", name="Old Harbour", owner=alice)
    join(organization, bob, owner=True)
    join(organization, charlie)
    join(organization, dora)
    return organization


def told():
    """Who is told what."""
    rows = Notification.objects.unread().order_by("user__email", "created_at")
    return list(rows.values_list("user__email", "title"))


NEW, LESS = "is an owner of Old Harbour now", "is no owner of Old Harbour any more"


def test_a_new_owner_is_told_and_so_are_the_others(harbour, alice, charlie):
    make_owner(harbour, charlie, by=alice)
    make_owner(harbour, charlie, by=alice)

    assert told() == [
        ("bob@example.com", f"charlie@example.com {NEW}"),
        ("charlie@example.com", "You are an owner of Old Harbour now"),
    ]


def test_who_is_added_as_an_owner_is_told(harbour, alice, db):
    add_member(harbour, verified("emil@example.com"), by=alice, role=Role.OWNER)

    assert told() == [
        ("bob@example.com", f"emil@example.com {NEW}"),
        ("emil@example.com", "You are an owner of Old Harbour now"),
    ]


def test_owners_are_told_who_came_in_as_one_by_invitation(harbour, alice):
    emil = verified("emil@example.com")

    accept(invite(harbour, emil.email, by=alice, role=Role.OWNER), sending=1, by=emil)

    assert told() == [
        (f"{each}@example.com", f"emil@example.com {NEW}") for each in ("alice", "bob")
    ]


def test_who_is_made_a_member_is_told_and_so_are_the_others(harbour, alice, bob, charlie):
    join_as_owner(harbour, charlie)

    make_member(harbour, bob, by=alice)

    assert told() == [
        ("bob@example.com", "You are no owner of Old Harbour any more"),
        ("charlie@example.com", f"bob@example.com {LESS}"),
    ]


def test_an_owner_who_is_removed_is_told_and_so_are_the_others(harbour, alice, bob, charlie):
    join_as_owner(harbour, charlie)

    remove_member(harbour, bob, by=alice)

    assert told() == [
        ("bob@example.com", "You were removed from Old Harbour"),
        ("charlie@example.com", f"bob@example.com {LESS}"),
    ]
    assert Notification.objects.get(user=bob).action_path == ""


def test_a_member_who_is_removed_is_told_and_nobody_else(harbour, alice, charlie):
    remove_member(harbour, charlie, by=alice)

    assert told() == [("charlie@example.com", "You were removed from Old Harbour")]


def test_of_an_owner_who_leaves_the_others_are_told(harbour, bob, charlie):
    leave(harbour, by=charlie)
    leave(harbour, by=bob)

    assert told() == [("alice@example.com", f"bob@example.com {LESS}")]


def test_of_an_owner_who_deletes_their_account_the_others_are_told(harbour, alice, bob, charlie):
    quay = OrganizationFactory(key="quay", name="Old Quay", owner=charlie)
    join(quay, bob, owner=True)
    join(OrganizationFactory(key="pier", name="Old Pier", owner=charlie), bob)
    gone = OrganizationFactory(key="jetty", owner=charlie, deletion_due_at=timezone.now())
    join(gone, bob, owner=True)

    delete_account(bob)

    assert told() == [
        ("alice@example.com", f"bob@example.com {LESS}"),
        ("charlie@example.com", "bob@example.com is no owner of Old Quay any more"),
    ]
    [to_alice] = Notification.objects.filter(user=alice)
    assert "bob@example.com deleted their account." in to_alice.text
    assert to_alice.action_path == "/organizations/harbour/members/"


def test_each_time_is_told(harbour, alice, charlie):
    for _ in range(2):
        make_owner(harbour, charlie, by=alice)
        make_member(harbour, charlie, by=alice)

    of_bob = Notification.objects.filter(user__email="bob@example.com")
    assert of_bob.count() == 4


def test_it_is_mailed_also_to_who_wants_no_mails(harbour, alice, bob, charlie):
    choose_mails(bob, dict.fromkeys([Kind.OWNERS_CHANGED, Kind.ROLE_CHANGED], False))

    make_owner(harbour, charlie, by=alice)
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        send_mails()

    assert sorted(letter.to for letter in mail.outbox) == [[bob.email], [charlie.email]]
    [to_bob] = [letter for letter in mail.outbox if letter.to == [bob.email]]
    assert "charlie@example.com was made an owner by alice@example.com." in to_bob.body


def join_as_owner(organization, user):
    organization.memberships.filter(user=user).delete()
    join(organization, user, owner=True)
