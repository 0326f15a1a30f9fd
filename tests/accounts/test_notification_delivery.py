"""Each mail once, also when the mail server, a worker or the clock has a bad day."""

import smtplib
import uuid
from datetime import timedelta

import pytest
import time_machine
from aiosmtpd.controller import Controller
from django.utils import timezone

from accounts import mailing
from accounts.mailing import LEASE
from accounts.notifications import GATHERING, notify
from accounts.tasks import forget_old_notifications, send_mails
from bin.processes import free_port
from config.celery import app
from tests.accounts.notices import due, later, message_id, notice
from tests.factories import NotificationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("post")]


def test_without_a_mail_server_it_is_tried_later_and_then_later(post, alice, settings):
    notify([alice], notice())
    [row] = alice.notifications.all()
    settings.EMAIL_PORT = free_port()
    pauses, now = [], row.mail_due_at
    for _ in range(12):
        with time_machine.travel(now, tick=False):
            send_mails()
        row.refresh_from_db()
        pauses.append(row.mail_due_at - now)
        now = row.mail_due_at
    assert pauses[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert pauses[-2:] == [timedelta(hours=6)] * 2

    settings.EMAIL_PORT = post.smtp_port
    with time_machine.travel(now, tick=False):
        send_mails()
        send_mails()

    [mail] = post.mail
    assert message_id(mail) == f"<{row.pk}@localhost>"


@pytest.fixture
def picky(post, settings):
    """A mail server that refuses everybody but Bob."""

    class Picky:
        taken = []

        async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
            if not address.startswith("bob@"):
                return f"550 5.1.1 No such person: {address}"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):  # noqa: N802
            self.taken.append(envelope.rcpt_tos)
            return "250 OK"

    controller = Controller(Picky(), hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_PORT = controller.port
    yield Picky
    controller.stop()


def test_an_address_that_is_refused_holds_nobody_up(picky, alice, bob, caplog):
    due(alice)
    due(bob)

    send_mails()

    assert picky.taken == [["bob@example.com"]]
    assert alice.notifications.to_be_mailed().count() == 1
    assert "SMTPRecipientsRefused" in caplog.text
    assert "alice@" not in caplog.text


@pytest.mark.parametrize(
    ("days", "attempts", "given_up"), [(8, 9, True), (8, 8, False), (6, 40, False)]
)
def test_an_address_that_is_refused_is_given_up_after_a_week(
    picky, alice, days, attempts, given_up
):
    told_at = timezone.now() - timedelta(days=days)
    [row] = due(alice, created_at=told_at, mail_attempts=attempts)

    send_mails()

    row.refresh_from_db()
    assert (row.mail_due_at is None) == given_up
    assert (row.mail_lease, row.mail_attempts, row.mailed_at) == (None, attempts + 1, None)
    assert row in alice.notifications.unread()


def test_what_is_given_up_is_said_once_and_takes_nothing_fresh_along(picky, alice, caplog):
    due(alice, 2, created_at=timezone.now() - timedelta(days=8), mail_attempts=9)
    [fresh] = due(alice)

    send_mails()
    with later(hours=7):
        send_mails()

    assert list(alice.notifications.to_be_mailed()) == [fresh]
    [said] = [record.msg for record in caplog.records if "mail_given_up" in str(record.msg)]
    assert (said["user_id"], said["count"]) == (str(alice.pk), 2)
    assert "alice@" not in caplog.text


def test_an_address_that_fails_is_known_until_a_mail_arrives(picky, post, settings, alice):
    now = timezone.now()
    due(alice, created_at=now - timedelta(days=8), mail_attempts=9)
    send_mails()
    alice.refresh_from_db()
    assert now <= alice.mail_failing_since <= timezone.now()

    settings.EMAIL_PORT = post.smtp_port
    due(alice)
    send_mails()

    alice.refresh_from_db()
    assert alice.mail_failing_since is None


def test_who_can_not_be_reached_is_not_in_front_for_ever(picky, alice, bob, charlie, monkeypatch):
    monkeypatch.setattr(mailing, "FAILURES_IN_A_ROW", 2)
    due(alice)
    due(charlie)
    NotificationFactory(user=bob, mail_due_at=timezone.now())

    send_mails()
    assert picky.taken == []
    send_mails()

    assert picky.taken == [["bob@example.com"]]


def test_a_mail_that_breaks_us_holds_nobody_up(post, alice, bob):
    due(alice, kind="forgotten", must_be_mailed=True)
    due(bob)

    send_mails()

    assert [mail.to for mail in post.mail] == [("bob@example.com",)]
    assert alice.notifications.to_be_mailed().count() == 1


def test_what_a_worker_has_in_hand_is_left_to_it_while_it_lives(post, alice):
    [row] = due(alice)
    mailing._claim(alice.pk, uuid.uuid4())

    send_mails()

    assert post.mail == []
    row.refresh_from_db()
    assert row.mail_attempts == 1


@pytest.mark.parametrize("count", [1, 4])
def test_after_a_worker_died_the_same_mail_goes_out_and_is_known_again(post, alice, count):
    """Killed after it had sent, before it could note so. Something new does not change it."""
    due(alice, count)
    dead = uuid.uuid4()
    for letter in mailing._letters(mailing._claim(alice.pk, dead)):
        letter.message().send()
    notify([alice], notice())

    with later(seconds=LEASE.total_seconds() + 1):
        send_mails()
        send_mails()

    new, again, first = post.mail
    assert message_id(again) == message_id(first) != message_id(new)
    assert again.text == first.text
    assert new.subject == "Contoso's token expires in 30 days"


def test_a_digest_of_other_things_is_another_mail(post, alice):
    due(alice, 3)
    send_mails()
    due(alice, 3)
    send_mails()

    assert len({message_id(mail) for mail in post.mail}) == 2


def test_the_second_of_two_mails_that_fails_is_the_only_one_sent_again(post, alice, monkeypatch):
    due(alice, 2)
    sent, send = [], smtplib.SMTP.sendmail

    def hangs_up_on_the_second(self, *args, **kwargs):
        sent.append(args)
        if len(sent) == 2:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        return send(self, *args, **kwargs)

    monkeypatch.setattr(smtplib.SMTP, "sendmail", hangs_up_on_the_second)
    send_mails()
    with later(minutes=2):
        send_mails()

    assert len(post.mail) == len({message_id(mail) for mail in post.mail}) == 2


def test_sending_asks_as_often_for_many_things_as_for_few(post, alice, bob, queries):
    due(alice, 3)
    with queries() as few:
        send_mails()
    due(bob, 60)

    with queries() as many:
        send_mails()

    assert len(few) == len(many)


def test_the_tasks_are_on_the_schedule(settings):
    app.loader.import_default_modules()
    schedule = settings.CELERY_BEAT_SCHEDULE
    tasks = {each["task"]: each for each in schedule.values()}

    mails = tasks["accounts.tasks.send_mails"]
    assert (mails["schedule"], mails["options"]["expires"]) == (30, 30)
    assert tasks["accounts.tasks.forget_old_notifications"]["schedule"] == 3600
    assert set(tasks) <= set(app.tasks)


def test_the_hourly_task_forgets(alice):
    old = timezone.now() - timedelta(days=500)
    NotificationFactory(user=alice, created_at=old, read_at=old)

    forget_old_notifications()

    assert not alice.notifications.exists()


def test_a_mail_server_gets_less_time_than_a_lease_lasts(settings):
    # Connecting, greeting, encrypting, greeting again, signing in, and four words of a letter.
    assert timedelta(seconds=10 * settings.EMAIL_TIMEOUT) < LEASE
    assert timedelta() < GATHERING < LEASE
