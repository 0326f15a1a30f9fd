"""Telling people: each thing once, and nothing that nobody needs to act on any more."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.kinds import Kind, Severity
from accounts.models import Notification
from accounts.notifications import (
    GATHERING,
    choose_mails,
    forget_old_notifications,
    mark_all_read,
    mark_read,
    notify,
    withdraw,
)
from tests.accounts.notices import notice
from tests.factories import NotificationFactory, UserFactory


def told(user):
    return list(user.notifications.all())


def test_everybody_is_told_once_and_the_mail_waits_for_others(alice, bob, charlie):
    now = timezone.now()

    with time_machine.travel(now, tick=False):
        new = notify([alice, bob, alice], notice())

    [hers], [his] = told(alice), told(bob)
    assert new == 2
    assert hers.title == his.title == "Contoso's token expires in 30 days"
    assert hers.mail_due_at == now + GATHERING
    assert told(charlie) == []


@pytest.mark.parametrize("away", [timedelta(), timedelta(days=-40), timedelta(days=4000)])
def test_told_again_at_whatever_time_nobody_hears_it_twice(alice, bob, away):
    notify([alice], notice())

    with time_machine.travel(timezone.now() + away, tick=False):
        new = notify([alice, bob], notice(title="Contoso's token expires in 29 days"))

    assert new == 1
    assert [each.title for each in told(alice)] == ["Contoso's token expires in 30 days"]
    assert len(told(bob)) == 1


@pytest.mark.parametrize(
    "change", [{"kind": Kind.TOKEN_FAILING}, {"subject": "token-2"}, {"threshold": "7"}]
)
def test_another_kind_subject_or_threshold_is_another_thing_to_tell(alice, change):
    notify([alice], notice())

    assert notify([alice], notice(**change)) == 1


def test_what_is_told_goes_with_the_change_that_it_tells_of(alice):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        notify([alice], notice())
        raise ZeroDivisionError

    assert told(alice) == []


def test_telling_nobody_is_nothing(db):
    assert notify([], notice()) == 0


def test_forty_people_are_told_with_three_questions(db, queries):
    people = UserFactory.create_batch(40)

    with queries() as asked:
        notify(people, notice())

    assert len(asked) == 3


@pytest.mark.parametrize(
    "broken",
    [
        {"action_path": "https://elsewhere.example/"},
        {"action_path": "//elsewhere.example/"},
        {"action_path": "/\\elsewhere.example/"},
        {"action_path": "/\t/elsewhere.example/"},
        {"action_path": "settings/"},
        {"action_path": ""},
        {"action_label": ""},
        {"link_label": "Tokens", "link_url": "javascript:alert(1)"},
        {"link_label": "Tokens"},
        {"title": " "},
        {"text": ""},
    ],
)
def test_what_could_not_be_shown_is_refused_at_once(broken):
    with pytest.raises(ValueError):
        notice(**broken)


@pytest.mark.parametrize(
    "broken",
    [
        {"action_path": "//elsewhere.example/"},
        {"action_path": "/\\elsewhere.example/"},
        {"action_label": ""},
        {"link_label": "Tokens", "link_url": "javascript:alert(1)"},
        {"mail_leased_until": timezone.now()},
    ],
)
def test_the_database_refuses_it_too(db, broken):
    with pytest.raises(IntegrityError), transaction.atomic():
        NotificationFactory(**broken)


def test_a_title_is_one_line_whatever_an_organization_is_called(alice):
    notify([alice], notice(title="Con\r\nBcc: x\ttoso's token expires"))

    assert told(alice)[0].title == "Con Bcc: x toso's token expires"


def test_who_switched_a_kind_off_is_told_here_and_not_by_mail(alice, bob):
    choose_mails(alice, {Kind.TOKEN_EXPIRING: False})

    notify([alice, bob], notice())

    assert told(alice)[0].mail_due_at is None
    assert told(bob)[0].mail_due_at is not None


@pytest.mark.parametrize(
    ("kind", "urgent", "mailed"),
    [
        (Kind.TOKEN_FAILING, False, True),
        (Kind.CLAIM_OPENED, False, True),
        (Kind.CLAIM_DECIDED, False, True),
        (Kind.TOKEN_EXPIRING, True, True),
        (Kind.TOKEN_EXPIRING, False, False),
        (Kind.TOKEN_RECOVERED, True, False),
    ],
)
def test_only_what_the_page_calls_always_is_mailed_all_the_same(alice, kind, urgent, mailed):
    choose_mails(alice, dict.fromkeys(Kind, False))

    notify([alice], notice(kind=kind, urgent=urgent))

    [row] = told(alice)
    assert (row.mail_due_at is not None) == row.must_be_mailed == mailed


def test_a_choice_can_be_made_again(alice):
    choose_mails(alice, {Kind.TOKEN_EXPIRING: False})
    choose_mails(alice, {Kind.TOKEN_EXPIRING: True})

    notify([alice], notice())

    assert told(alice)[0].mail_due_at is not None
    assert alice.notification_preferences.count() == 1


def test_what_is_withdrawn_is_read_and_not_mailed(alice, bob):
    for threshold in ("30", "7"):
        notify([alice, bob], notice(threshold=threshold))
    notify([alice], notice(subject="token-2"))
    notify([alice], notice(kind=Kind.TOKEN_FAILING))

    withdraw(Kind.TOKEN_EXPIRING, "token-1")

    over = Notification.objects.filter(kind=Kind.TOKEN_EXPIRING, subject="token-1")
    assert over.unread().count() == 0
    assert over.to_be_mailed().count() == 0
    assert alice.notifications.unread().count() == 2
    assert alice.notifications.to_be_mailed().count() == 2


def test_withdrawing_keeps_when_it_was_read_and_mailed(alice):
    long_ago = timezone.now() - timedelta(days=3)
    row = NotificationFactory(
        user=alice, read_at=long_ago, mail_due_at=long_ago, mailed_at=long_ago
    )

    withdraw(Kind(row.kind), row.subject)

    row.refresh_from_db()
    assert row.read_at == row.mail_due_at == row.mailed_at == long_ago


def test_one_reads_only_what_one_was_told(alice, bob):
    hers, his = NotificationFactory(user=alice), NotificationFactory(user=bob)

    mark_read(alice, hers.pk)
    mark_read(alice, his.pk)

    assert not alice.notifications.unread().exists()
    assert bob.notifications.unread().exists()


def test_reading_again_keeps_when_it_was_read_first(alice):
    row = NotificationFactory(user=alice)
    mark_read(alice, row.pk)
    row.refresh_from_db()
    first = row.read_at

    mark_read(alice, row.pk)

    row.refresh_from_db()
    assert row.read_at == first


def test_everything_of_ones_own_is_read_at_once(alice, bob):
    NotificationFactory.create_batch(3, user=alice)
    NotificationFactory(user=bob)

    assert mark_all_read(alice) == 3
    assert mark_all_read(alice) == 0
    assert bob.notifications.unread().count() == 1


@pytest.mark.parametrize(
    ("days", "is_read", "forgotten"),
    [(399, True, False), (401, True, True), (729, False, False), (731, False, True)],
)
def test_what_is_read_is_forgotten_after_400_days_and_all_after_730(
    alice, days, is_read, forgotten
):
    then = timezone.now() - timedelta(days=days)
    NotificationFactory(user=alice, created_at=then, read_at=then if is_read else None)
    recent = NotificationFactory(user=alice)

    assert forget_old_notifications() == forgotten

    assert recent in told(alice)
    assert len(told(alice)) == 1 + (not forgotten)


def test_the_gravest_comes_first():
    assert sorted(Severity, key=lambda severity: severity.rank)[0] is Severity.DANGER
    assert Severity.GOOD.rank == 3


def test_an_invitation_is_told_here_and_is_a_mail_by_itself(alice):
    notify([alice], notice(kind=Kind.INVITED))

    [row] = alice.notifications.all()
    assert row.mail_due_at is None
