"""Owners who go at the same instant. `ROUNDS=1000` for a long look."""

import os

import pytest
from django.db import connection, transaction

from organizations.models import GroupMembership, Membership
from organizations.people import leave, make_member, make_owner, remove_member
from tests.factories import OrganizationFactory, UserFactory
from tests.meeting import meet
from tests.organizations.crew import join, owners_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

ROUNDS = int(os.environ.get("ROUNDS", "20"))


@pytest.fixture
def pair():
    """An organization and its two owners: made anew for each round."""

    def make():
        first, second = UserFactory(), UserFactory()
        organization = OrganizationFactory(owner=first)
        join(organization, second, owner=True)
        return organization, first, second

    return make


def test_of_two_owners_who_leave_at_once_one_stays(pair):
    for _ in range(ROUNDS):
        organization, first, second = pair()

        ends = meet(
            lambda o=organization, by=first: leave(o, by=by),
            lambda o=organization, by=second: leave(o, by=by),
        )

        assert sorted(map(str, ends)) == ["None", "last-owner"]
        assert len(owners_of(organization)) == 1


@pytest.mark.parametrize("act", [remove_member, make_member])
def test_of_two_owners_who_turn_on_each_other_one_stays(pair, act):
    for _ in range(max(3, ROUNDS // 10)):
        organization, first, second = pair()

        ends = meet(
            lambda o=organization, a=first, b=second: act(o, b, by=a),
            lambda o=organization, a=first, b=second: act(o, a, by=b),
        )

        # Whoever comes second is an owner no more.
        assert sorted(map(str, ends)) == ["None", "owners-only"]
        assert len(owners_of(organization)) == 1


def test_a_new_owner_lets_the_old_one_go_or_comes_too_late(pair):
    for _ in range(max(3, ROUNDS // 10)):
        organization, first, _ = pair()
        Membership.objects.filter(organization=organization).exclude(user=first).delete()
        heir = UserFactory()
        join(organization, heir)

        meet(
            lambda o=organization, by=first, user=heir: make_owner(o, user, by=by),
            lambda o=organization, by=first: leave(o, by=by),
        )

        assert owners_of(organization)


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time.")
def test_what_goes_past_the_operations_at_once_is_refused_by_the_database(pair):
    for _ in range(max(3, ROUNDS // 10)):
        organization, first, second = pair()

        def take_out(user, organization=organization):
            with transaction.atomic():
                GroupMembership.objects.filter(
                    membership__user=user, membership__organization=organization
                ).delete()

        ends = meet(lambda u=first: take_out(u), lambda u=second: take_out(u))

        assert sum(end is None for end in ends) == 1
        assert len(owners_of(organization)) == 1
