"""One request to join, and its ends at the same instant."""

import pytest

from organizations.asking import approve, ask_to_join, decline, withdraw_request
from organizations.models import JoinRequest
from tests.factories import OrganizationFactory
from tests.meeting import meet
from tests.organizations.crew import join, members_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_all_its_ends_one_comes(alice, bob, charlie):
    harbour = OrganizationFactory(owner=alice)
    join(harbour, bob, owner=True)
    for _ in range(5):
        asked = ask_to_join(harbour, by=charlie)

        ends = meet(
            lambda a=asked: approve(a, by=alice),
            lambda a=asked: decline(a, by=bob),
            lambda a=asked: withdraw_request(a, by=charlie),
        )

        asked.refresh_from_db()
        assert not asked.is_open
        assert (charlie.email in members_of(harbour)) == (asked.state == "approved")
        # Withdrawing too late is no refusal.
        withdrawn = asked.state == "withdrawn"
        assert ends.count("join-request-decided") == (2 if withdrawn else 1), ends
        harbour.memberships.filter(user=charlie).delete()
        JoinRequest.objects.all().delete()


def test_asking_everywhere_at_once_is_asking_three_times(charlie):
    harbours = OrganizationFactory.create_batch(6)

    ends = meet(*[lambda h=h: ask_to_join(h, by=charlie).state for h in harbours])

    assert sorted(map(str, ends)) == ["open"] * 3 + ["too-many-join-requests"] * 3


def test_asking_twice_at_once_is_asking_once(charlie):
    harbour = OrganizationFactory()

    ends = meet(*[lambda: ask_to_join(harbour, by=charlie).state] * 4)

    assert sorted(map(str, ends)) == ["already-asked"] * 3 + ["open"]
