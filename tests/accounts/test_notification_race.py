"""Telling and mailing in many workers at the same instant."""

import threading

import pytest
from django.db import connections, transaction

from accounts.models import Notification
from accounts.notifications import notify
from tests.accounts.notices import notice
from tests.factories import UserFactory

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
