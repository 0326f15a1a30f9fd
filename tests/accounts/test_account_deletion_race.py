"""Accounts that go at the same instant. `ROUNDS=1000` for a long look."""

import os

import pytest
from django.core import mail

from accounts.deleting import delete_account
from accounts.models import User
from onboarding.operations import finish_import
from organizations.asking import approve, ask_to_join
from organizations.models import Membership, Organization
from organizations.people import leave, make_owner
from tests.factories import ImportFactory, OrganizationFactory, UserFactory
from tests.meeting import meet
from tests.organizations.crew import join, owners_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(1800)]

ROUNDS = int(os.environ.get("ROUNDS", "10"))


def pair(organizations=1):
    """Two owners of the same organizations."""
    first, second = UserFactory(), UserFactory()
    made = [OrganizationFactory(owner=first) for _ in range(organizations)]
    for organization in made:
        join(organization, second, owner=True)
    return first, second, made


def test_of_two_owners_who_delete_their_accounts_at_once_one_stays():
    for _ in range(ROUNDS):
        first, second, made = pair(organizations=3)

        ends = meet(lambda u=first: delete_account(u), lambda u=second: delete_account(u))

        assert sorted(map(str, ends)) == ["None", "account-needed"]
        assert [len(owners_of(organization)) for organization in made] == [1, 1, 1]


def test_of_one_who_leaves_and_one_who_deletes_one_stays():
    for _ in range(ROUNDS):
        first, second, [organization] = pair()

        ends = meet(
            lambda u=first: delete_account(u), lambda o=organization, by=second: leave(o, by=by)
        )

        assert sum(end is None for end in ends) == 1
        assert {str(end) for end in ends} <= {"None", "account-needed", "last-owner"}
        assert len(owners_of(organization)) == 1


def test_clicked_twice_at_once_it_is_once():
    for _ in range(ROUNDS):
        user = UserFactory()
        OrganizationFactory(owner=UserFactory(), member=user)
        mail.outbox.clear()

        ends = meet(*[lambda u=user: delete_account(u)] * 3)

        assert ends == [None] * 3
        assert not User.objects.filter(pk=user.pk).exists()
        assert [told.to for told in mail.outbox] == [[user.email]]


def test_who_is_let_in_meanwhile_is_in_and_gone_or_not_in_at_all():
    for _ in range(ROUNDS):
        owner, user = UserFactory(), UserFactory()
        organization = OrganizationFactory(owner=owner)
        request = ask_to_join(organization, by=user)

        ends = meet(lambda u=user: delete_account(u), lambda r=request, by=owner: approve(r, by=by))

        assert ends.count(None) >= 1
        assert {str(end) for end in ends} <= {"None", "join-request-decided"}
        assert not Membership.objects.filter(user=user.pk).exists()
        assert not User.objects.filter(pk=user.pk).exists()


def test_who_becomes_the_last_owner_meanwhile_stays():
    for _ in range(ROUNDS):
        owner, user = UserFactory(), UserFactory()
        organization = OrganizationFactory(owner=owner, member=user)

        def hand_over(organization=organization, owner=owner, user=user):
            make_owner(organization, user, by=owner)
            leave(organization, by=owner)

        meet(lambda u=user: delete_account(u), hand_over)

        assert len(owners_of(organization)) >= 1


def test_an_import_that_is_finished_meanwhile_keeps_its_owner_or_never_was():
    for _ in range(ROUNDS):
        user = UserFactory()
        import_ = ImportFactory(ready=True, user=user)

        ends = meet(
            lambda u=user: delete_account(u), lambda i=import_, by=user: finish_import(i, by=by)
        )

        created = Organization.objects.filter(key=import_.key).first()
        if created:
            assert "account-needed" in ends
            assert owners_of(created) == [user.email]
        else:
            assert sorted(map(str, ends)) == ["None", "import-over"]
            assert not User.objects.filter(pk=user.pk).exists()
