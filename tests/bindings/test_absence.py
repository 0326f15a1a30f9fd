"""Accounts that nobody signs in with: all owners are told, each threshold of an absence once."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import Notification
from bindings import expiry
from bindings.concluding import Look, conclude
from bindings.probing import Answer
from bindings.slots import promote
from tests.bindings.conftest import add_token
from tests.factories import BindingFactory, OrganizationFactory, TokenFactory
from tests.tokens import make_token


@pytest.fixture
def token(alice, bob):
    organization = OrganizationFactory(name="Contoso Harbour", owner=alice, member=bob)
    return TokenFactory(binding=BindingFactory(organization=organization))


def learn(token, *, days_unused):
    """A look at the token finds that its account was last seen there so many days ago."""
    token.refresh_from_db()
    last_access = timezone.now() - timedelta(days=days_unused)
    conclude([Look(token, Answer(last_access=last_access))])


def absences_told(user):
    found = Notification.objects.filter(user=user, kind="token_sign_in").order_by("created_at")
    return [threshold.rpartition("+")[2] for threshold in found.values_list("threshold", flat=True)]


def test_long_absence_is_told_once_a_threshold(token, alice):
    began = timezone.now()

    for days in range(29, 89, 5):
        with time_machine.travel(began + timedelta(days=days)):
            learn(token, days_unused=days)
            expiry.give_notice_of_absence()
            expiry.give_notice_of_absence()

    assert absences_told(alice) == ["30", "60", "80"]


@pytest.mark.parametrize(("days", "thresholds"), [(9, ["60"]), (11, [])])
def test_an_absence_is_believed_for_ten_days(token, alice, days, thresholds):
    learn(token, days_unused=60)

    with time_machine.travel(timezone.now() + timedelta(days=days)):
        expiry.give_notice_of_absence()

    assert absences_told(alice) == thresholds


def test_who_signs_in_while_it_is_about_to_be_told_is_not_told(token, alice):
    learn(token, days_unused=61)

    def sign_in(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and 'SET "noticed_absence"' in sql:
            learn(token, days_unused=0)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(sign_in):
        assert expiry.give_notice_of_absence() == 0

    assert absences_told(alice) == []


def test_who_signs_in_and_stays_away_again_is_told_anew(token, alice):
    learn(token, days_unused=82)
    expiry.give_notice_of_absence()
    learn(token, days_unused=31)

    expiry.give_notice_of_absence()

    assert absences_told(alice) == ["80", "30"]


def test_a_sign_in_takes_back_what_was_told_of_the_absence(token, alice):
    learn(token, days_unused=82)
    expiry.give_notice_of_absence()

    learn(token, days_unused=0)

    notice = Notification.objects.get(user=alice)
    assert (notice.read_at is None, notice.mail_due_at) == (False, None)


@pytest.mark.parametrize(
    ("known", "thresholds", "is_settled"),
    [
        ({}, ["60"], False),
        ({"last_access_at": timezone.now()}, ["60"], True),
        ({"owner_id": "another"}, ["60", "60"], True),
        ({"last_access_at": None}, ["60"], True),
    ],
)
def test_an_absence_goes_on_with_another_token_of_the_account(
    token, alice, known, thresholds, is_settled
):
    learn(token, days_unused=61)
    expiry.give_notice_of_absence()
    token.refresh_from_db()
    names = ("owner_id", "last_access_at", "last_access_learned_at")
    same = {name: getattr(token, name) for name in names}
    after = add_token(token.binding, make_token(), slot="next", **same | known)

    promote(after, by=None, reason="failover")
    expiry.give_notice_of_absence()

    assert absences_told(alice) == thresholds
    first = Notification.objects.filter(user=alice, kind="token_sign_in").earliest("created_at")
    assert (first.read_at is not None) == is_settled


def test_who_was_told_of_an_absence_is_not_looked_up_again(token, queries):
    learn(token, days_unused=61)
    assert expiry.give_notice_of_absence() == 1

    with queries() as asked:
        assert expiry.give_notice_of_absence() == 0

    assert len(asked) == 1


def test_an_absence_is_told_by_one_of_two_workers(token, alice):
    learn(token, days_unused=61)
    quicker = []

    def be_quicker(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and "noticed_absence" in sql and not quicker:
            quicker.append("another worker")
            quicker.append(expiry.give_notice_of_absence())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(be_quicker):
        slower = expiry.give_notice_of_absence()

    assert (quicker, slower) == (["another worker", 1], 0)
    assert absences_told(alice) == ["60"]


@pytest.mark.parametrize("days", [30, 60, 80])
def test_all_who_are_away_are_gone_through_a_page_at_a_time(token, monkeypatch, days):
    monkeypatch.setattr(expiry, "AT_ONCE", 2)
    for each in [token, *TokenFactory.create_batch(4)]:
        learn(each, days_unused=days)

    assert (expiry.give_notice_of_absence(), expiry.give_notice_of_absence()) == (5, 0)
