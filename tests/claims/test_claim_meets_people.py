"""Somebody claims an organization at the very moment in which others let them in."""

import threading

import pytest
from django.db import connection, connections, transaction

from claims.models import AccessClaim
from claims.operations import claim_organization
from organizations.asking import approve, ask_to_join
from organizations.belonging import lock
from organizations.people import add_member
from tests.claims.conftest import STATEMENT
from tests.factories import OrganizationFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time."),
]

# Of all that wait for a lock, those that wait for us.
WAIT_FOR_US = """
    SELECT count(DISTINCT pid) FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))
"""


class Claiming(threading.Thread):
    """Claims on a thread of its own. `end` is how it ended."""

    end = "not yet"

    def __init__(self, organization, by):
        super().__init__()
        self.organization, self.by = organization, by
        self.start()

    def run(self):
        try:
            claim_organization(
                self.organization, external_name="quay", statement=STATEMENT, by=self.by
            )
            self.end = "claimed"
        except Exception as error:
            self.end = repr(error)
        finally:
            connections.close_all()


def wait_until_they_wait(*claiming):
    """For what we have locked; or until one of them has ended."""
    with connection.cursor() as cursor:
        while all(thread.is_alive() for thread in claiming):
            cursor.execute(WAIT_FOR_US)
            if cursor.fetchone() == (len(claiming),):
                return


@pytest.mark.parametrize("way", ["asks", "is added", "is approved"])
def test_who_claims_and_comes_in_at_once_does_both(alice, charlie, way):
    harbour = OrganizationFactory(owner=alice)
    request = ask_to_join(harbour, by=charlie) if way == "is approved" else None

    with transaction.atomic():
        lock(harbour)
        claiming = Claiming(harbour, charlie)
        wait_until_they_wait(claiming)
        if way == "asks":
            ask_to_join(harbour, by=charlie)
        elif way == "is added":
            add_member(harbour, charlie, by=alice)
        else:
            approve(request, by=alice)
    claiming.join()

    assert claiming.end == "claimed"
    assert harbour.memberships.filter(user=charlie).exists() == (way != "asks")


def test_two_owners_claim_each_others_organization(alice, bob):
    harbour, quay = OrganizationFactory(owner=alice), OrganizationFactory(owner=bob)

    with transaction.atomic():
        lock(harbour)
        lock(quay)
        both = [Claiming(quay, alice), Claiming(harbour, bob)]
        wait_until_they_wait(*both)
    for each in both:
        each.join()

    assert [each.end for each in both] == ["claimed", "claimed"]
    assert AccessClaim.objects.open().count() == 2


def test_many_who_come_in_and_claim_at_once_all_do(alice):
    """Without anybody in the way."""
    harbour = OrganizationFactory(owner=alice)
    people = UserFactory.create_batch(3)

    claiming = [Claiming(harbour, each) for each in people]
    for each in people:
        add_member(harbour, each, by=alice)
    for each in claiming:
        each.join()

    assert [each.end for each in claiming] == ["claimed"] * 3
    assert harbour.memberships.count() == 4
