"""Who comes, goes and rises, and that an organization always has an owner."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test import override_settings
from django.utils import timezone

from organizations.errors import (
    AlreadyMember,
    LastOwner,
    MemberGone,
    MemberLimitReached,
    OrganizationGone,
    OwnersOnly,
)
from organizations.models import AuditEvent, GroupMembership, Membership, Organization, Role
from organizations.operations import delete_organization
from organizations.people import (
    add_member,
    leave,
    make_member,
    make_owner,
    remove_member,
    set_permissions,
)
from tests.factories import OrganizationFactory, UserFactory
from tests.organizations.crew import join, members_of, owners_of


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", owner=alice, member=bob)


def three(organization_id):
    """The plan has room for three, whatever the organization."""
    return 3


ROOM_FOR_THREE = override_settings(MEMBER_LIMIT_OF=f"{__name__}.three")


def told():
    return list(AuditEvent.objects.order_by("pk").values_list("action", "actor_email", "data"))


def test_who_is_added_is_a_member(harbour, alice, charlie):
    add_member(harbour, charlie, by=alice)

    assert members_of(harbour) == ["alice@example.com", "bob@example.com", "charlie@example.com"]
    assert owners_of(harbour) == ["alice@example.com"]
    data = {"email": "charlie@example.com", "role": "member"}
    assert told() == [("member.added", "alice@example.com", data)]


def test_who_is_added_as_an_owner_is_one(harbour, alice, charlie):
    add_member(harbour, charlie, by=alice, role=Role.OWNER)

    assert owners_of(harbour) == ["alice@example.com", "charlie@example.com"]


def test_nobody_is_added_twice(harbour, alice, bob):
    with pytest.raises(AlreadyMember):
        add_member(harbour, bob, by=alice)

    assert told() == []


@ROOM_FOR_THREE
def test_nobody_comes_in_where_the_plan_has_no_room(harbour, alice, charlie):
    join(OrganizationFactory(), charlie)  # another organization's people take no place here
    add_member(harbour, charlie, by=alice)

    with pytest.raises(MemberLimitReached) as refusal:
        add_member(harbour, UserFactory(), by=alice)

    assert refusal.value.details == {"limit": 3, "used": 3}
    assert len(members_of(harbour)) == 3


def test_who_is_removed_is_gone_from_every_group(harbour, alice, charlie):
    join(harbour, charlie, owner=True)

    remove_member(harbour, charlie, by=alice)
    remove_member(harbour, charlie, by=alice)

    assert members_of(harbour) == ["alice@example.com", "bob@example.com"]
    assert told() == [("member.removed", "alice@example.com", {"email": "charlie@example.com"})]


def test_who_leaves_is_gone(harbour, bob):
    leave(harbour, by=bob)
    leave(harbour, by=bob)

    assert members_of(harbour) == ["alice@example.com"]
    assert told() == [("member.left", "bob@example.com", {"email": "bob@example.com"})]


def test_a_member_becomes_an_owner_and_a_member_again(harbour, alice, bob):
    make_owner(harbour, bob, by=alice)
    make_owner(harbour, bob, by=alice)
    both = owners_of(harbour)
    make_member(harbour, alice, by=bob)
    make_member(harbour, alice, by=bob)

    assert both == ["alice@example.com", "bob@example.com"]
    assert owners_of(harbour) == ["bob@example.com"]
    assert members_of(harbour) == both
    assert [action for action, _, _ in told()] == ["owner.added", "owner.removed"]


@pytest.mark.parametrize("go", [leave, "remove", "demote"])
def test_the_last_owner_stays(harbour, alice, go):
    with pytest.raises(LastOwner, match="Make somebody else an owner first"):
        {
            leave: lambda: leave(harbour, by=alice),
            "remove": lambda: remove_member(harbour, alice, by=alice),
            "demote": lambda: make_member(harbour, alice, by=alice),
        }[go]()

    assert owners_of(harbour) == ["alice@example.com"]
    assert told() == []


def test_who_is_no_member_becomes_no_owner(harbour, alice, charlie):
    with pytest.raises(MemberGone):
        make_owner(harbour, charlie, by=alice)

    assert owners_of(harbour) == ["alice@example.com"]


def test_permissions_are_given_and_taken(harbour, alice, bob):
    set_permissions(harbour, bob, by=alice, may_create_projects=True, may_run_analyses=True)
    set_permissions(harbour, bob, by=alice, may_create_projects=True)

    member = Membership.objects.get(user=bob)
    assert (member.may_create_projects, member.may_run_analyses) == (True, True)
    data = {"email": "bob@example.com", "may_create_projects": True}
    assert told() == [("member.permissions_changed", "alice@example.com", data)]


ACTS = {
    "remove": lambda harbour, user, by: remove_member(harbour, user, by=by),
    "promote": lambda harbour, user, by: make_owner(harbour, user, by=by),
    "demote": lambda harbour, user, by: make_member(harbour, user, by=by),
    "permit": lambda harbour, user, by: set_permissions(
        harbour, user, by=by, may_create_projects=True
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_who_is_an_owner_no_more_has_no_owners_power(harbour, bob, charlie, act):
    join(harbour, charlie)

    with pytest.raises(OwnersOnly):
        act(harbour, charlie, bob)

    assert told() == []


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_an_organization_that_is_gone_is_said_to_be(harbour, alice, bob, act):
    Organization.objects.update(deletion_due_at=timezone.now())

    with pytest.raises(OrganizationGone):
        act(harbour, bob, alice)


# What the database refuses, whoever asks.


def test_the_last_owner_can_not_be_taken_out_of_the_group_by_any_other_way(harbour, alice):
    with pytest.raises(IntegrityError, match="always has an owner"), transaction.atomic():
        GroupMembership.objects.all().delete()
    with pytest.raises(IntegrityError, match="always has an owner"), transaction.atomic():
        Membership.objects.filter(user=alice).delete()

    assert owners_of(harbour) == ["alice@example.com"]


def test_all_owners_can_not_be_taken_out_in_one_statement(harbour, bob):
    group = harbour.groups.get()
    GroupMembership.objects.create(group=group, membership=harbour.memberships.get(user=bob))

    with (
        pytest.raises(IntegrityError, match="always has an owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM organizations_groupmembership")

    assert owners_of(harbour) == ["alice@example.com", "bob@example.com"]


def test_an_owner_can_not_be_moved_into_another_group(harbour):
    other = OrganizationFactory().groups.get()

    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        GroupMembership.objects.update(group=other)


def test_an_account_that_belongs_somewhere_can_not_be_deleted(harbour, alice, bob):
    for person in (alice, bob):
        with pytest.raises(ProtectedError):
            person.delete()

    assert owners_of(harbour) == ["alice@example.com"]


def test_an_organization_goes_with_its_owners(harbour, alice):
    delete_organization(harbour, by=alice)

    assert not GroupMembership.objects.exists()
