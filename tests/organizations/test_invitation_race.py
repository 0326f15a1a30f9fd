"""One invitation, and everything that may happen to it at the same instant."""

import pytest
from django.test import override_settings

from organizations.inviting import accept, invite, resend, revoke
from organizations.models import AuditEvent, Invitation
from tests.factories import OrganizationFactory
from tests.meeting import meet
from tests.organizations.crew import members_of, verified

pytestmark = pytest.mark.django_db(transaction=True)

DORA = "dora@example.com"


def two(organization_id):
    return 2


@pytest.fixture
def harbour(alice):
    return OrganizationFactory(owner=alice)


def test_of_many_who_press_at_once_somebody_comes_in_once(harbour, alice):
    invitation, dora = invite(harbour, DORA, by=alice), verified(DORA)

    ends = meet(*[lambda: accept(invitation, sending=1, by=dora).pk] * 6)

    assert ends == [harbour.pk] * 6
    assert members_of(harbour) == ["alice@example.com", DORA]
    assert AuditEvent.objects.filter(action="invitation.accepted").count() == 1


@pytest.mark.parametrize("act", [revoke, resend])
def test_it_is_accepted_or_ended_and_never_both(harbour, alice, act):
    dora = verified(DORA)
    for _ in range(5):
        invitation = invite(harbour, DORA, by=alice)

        ends = meet(
            lambda i=invitation: accept(i, sending=1, by=dora) and "in",
            lambda i=invitation: act(i, by=alice) and "again",
        )

        invitation.refresh_from_db()
        is_in = DORA in members_of(harbour)
        assert is_in == ("in" in ends) == (invitation.accepted_at is not None)
        assert "invitation-over" in ends
        harbour.memberships.filter(user=dora).delete()
        Invitation.objects.all().delete()


def test_one_address_gets_one_invitation(harbour, alice):
    ends = meet(*[lambda: invite(harbour, DORA, by=alice).email] * 5)

    assert sorted(ends) == ["already-invited"] * 4 + [DORA]


@override_settings(MEMBER_LIMIT_OF=f"{__name__}.two")
def test_the_last_place_is_given_once(harbour, alice):
    ends = meet(
        *[lambda n=n: invite(harbour, f"guest{n}@example.com", by=alice).role for n in range(4)]
    )

    assert sorted(map(str, ends)) == ["member"] + ["member-limit-reached"] * 3
