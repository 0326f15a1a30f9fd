"""Telling and mailing in many workers at the same instant."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import Notification
from accounts.notifications import notify
from accounts.tasks import send_mails
from tests.accounts.notices import notice
from tests.factories import NotificationFactory, UserFactory

WORKERS = 8


def all_at_once(work):
    """Run it on many threads that start together. Returns what each came to."""
    barrier, ends = threading.Barrier(WORKERS), []

    def run():
        barrier.wait()
        try:
            ends.append(work())
        except Exception as error:
            ends.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_that_tell_the_same_one_does():
    people = UserFactory.create_batch(30)

    def tell():
        # In whatever order they come, nobody waits for somebody who waits for them.
        some = reversed(people) if threading.get_ident() % 2 else people
        with transaction.atomic():
            return notify(some, notice())

    ends = all_at_once(tell)

    assert sorted(ends) == [0] * (WORKERS - 1) + [30]
    assert Notification.objects.count() == 30


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_that_send_each_mail_is_sent_by_one(post):
    people = UserFactory.create_batch(12)
    for count, person in enumerate(people, start=1):
        due_at = timezone.now() - timedelta(seconds=count)
        NotificationFactory.create_batch(1 + count % 4, user=person, mail_due_at=due_at)

    ends = all_at_once(send_mails)

    assert ends == [None] * WORKERS
    # Three people each have one thing, two, three or four: so many mails are that.
    assert sorted(Counter(mail.to[0] for mail in post.mail).values()) == [1] * 9 + [2] * 3
    assert not Notification.objects.filter(mailed_at=None).exists()
