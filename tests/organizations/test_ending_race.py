"""The end of an organization and its undoing at the same instant."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bindings.models import DevOpsBinding, PersonalAccessToken
from bindings.replacing import Replacement, replace_token
from organizations.ending import ask_deletion, delete_due, undo_deletion
from organizations.models import AuditEvent, Organization
from tests.factories import BindingFactory, OrganizationFactory, TokenFactory, UserFactory
from tests.meeting import meet
from tests.tokens import make_token

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5


def made(**values):
    organization = OrganizationFactory(owner=UserFactory(), **values)
    TokenFactory(binding=BindingFactory(organization=organization))
    return organization, organization.memberships.get().user


def acts(organization, name):
    return AuditEvent.objects.filter(
        organization_key=organization.key, action=f"organization.{name}"
    ).count()


def test_of_two_who_ask_at_once_one_does():
    for _ in range(ROUNDS):
        harbour, alice = made()

        ends = meet(*[lambda h=harbour, a=alice: str(ask_deletion(h, by=a))[:3]] * 2)

        assert sorted(ends) == [str(timezone.now().year)[:3], "organization-gone"]
        assert acts(harbour, "deletion_asked") == 1


def test_asked_and_undone_at_once_it_is_one_or_the_other():
    for _ in range(ROUNDS):
        harbour, alice = made()

        meet(
            lambda h=harbour, a=alice: ask_deletion(h, by=a),
            lambda h=harbour, a=alice: undo_deletion(h, by=a),
        )

        waits = Organization.objects.get(pk=harbour.pk).deletion_due_at is not None
        assert acts(harbour, "deletion_asked") - acts(harbour, "deletion_undone") == waits


def test_at_the_deadline_it_is_either_back_or_gone():
    for _ in range(ROUNDS):
        now = timezone.now()
        harbour, alice = made(deletion_due_at=now + timedelta(milliseconds=30))

        meet(
            lambda h=harbour, a=alice: undo_deletion(h, by=a),
            lambda: [delete_due() for _ in range(20)],
        )
        delete_due()

        is_back = Organization.objects.filter(pk=harbour.pk, deletion_due_at=None).exists()
        ends = (acts(harbour, "deletion_undone"), acts(harbour, "deleted"))
        assert ends == ((1, 0) if is_back else (0, 1))


def test_two_sweeps_at_once_delete_once():
    for _ in range(ROUNDS):
        harbour, _ = made(deletion_due_at=timezone.now())

        ends = meet(delete_due, delete_due)

        assert sorted(ends) == [0, 1]
        assert acts(harbour, "deleted") == 1


def test_a_token_pasted_at_the_same_instant_does_not_stay():
    for _ in range(ROUNDS):
        harbour, alice = made()
        binding = DevOpsBinding.objects.get(organization=harbour)

        meet(
            lambda h=harbour, a=alice: ask_deletion(h, by=a),
            lambda b=binding, a=alice: replace_token(b, Replacement(make_token()), by=a),
        )

        assert not PersonalAccessToken.objects.filter(binding=binding).exists()
