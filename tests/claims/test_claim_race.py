"""Support and owners at the same instant."""

import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from claims.deciding import approve_claim, reject_claim
from claims.models import AccessClaim, Decision
from claims.objecting import object_as_owner
from claims.operations import claim_organization, withdraw_claim
from claims.ownership import is_owner
from core.errors import DomainError
from tests.claims.conftest import STATEMENT
from tests.factories import (
    BindingFactory,
    ClaimFactory,
    OrganizationFactory,
    SupportFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Each on a thread of its own, all starting together. The names of what was refused."""
    barrier, refused = threading.Barrier(len(acts)), []

    def run(act):
        barrier.wait()
        try:
            act()
        except DomainError as error:
            refused.append(type(error).__name__)
        except Exception as error:
            refused.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(refused)


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def claim(owner):
    """In review, with strong evidence, and waited for."""
    organization = BindingFactory(organization=OrganizationFactory(owner=owner)).organization
    long_ago = timezone.now() - timedelta(days=8)
    return ClaimFactory(
        organization=organization,
        state="in_review",
        strength="strong",
        opened_at=long_ago,
        waits_until=long_ago + timedelta(days=7),
    )


def approving(claim, staff):
    return lambda: approve_claim(claim, reason="It is clear.", by=staff)


def test_a_double_click_is_one_approval(claim):
    dora = SupportFactory()

    refused = at_once(*[approving(claim, dora)] * 4)

    assert refused == ["DecidedAlready"] * 3
    assert Decision.objects.count() == 1
    assert not is_owner(claim.organization_id, claim.user)


def test_of_many_of_support_two_are_needed_and_no_more(claim):
    refused = at_once(*[approving(claim, SupportFactory()) for _ in range(4)])

    assert refused == ["ClaimOver"] * 2
    assert Decision.objects.count() == 2
    assert is_owner(claim.organization_id, claim.user)


def test_an_objection_at_the_same_instant_comes_before_or_after_never_between(claim, owner):
    staff = SupportFactory.create_batch(2)

    at_once(*[approving(claim, each) for each in staff], lambda: object_as_owner(claim, by=owner))

    now = AccessClaim.objects.get()
    assert is_owner(claim.organization_id, claim.user) == (now.state == "approved")
    # Whoever was first: not both an open objection and the approval that it should have stopped.
    assert now.objections.exists() == (now.state == "in_review")


def test_one_end_is_the_end(claim):
    dora, erik = SupportFactory.create_batch(2)
    approve_claim(claim, reason="It is clear.", by=dora)

    refused = at_once(
        approving(claim, erik),
        lambda: reject_claim(claim, reason="It is not.", by=dora),
        lambda: withdraw_claim(claim, by=claim.user),
    )

    assert refused == ["ClaimOver"] * 2
    state = AccessClaim.objects.get().state
    assert is_owner(claim.organization_id, claim.user) == (state == "approved")


def test_of_many_claims_at_once_three_are_open():
    somebody = UserFactory()
    bound = [BindingFactory().organization for _ in range(5)]

    def claiming(organization):
        return lambda: claim_organization(
            organization, external_name="quay", statement=STATEMENT, by=somebody
        )

    refused = at_once(*map(claiming, bound))

    assert refused == ["TooManyOpen"] * 2
    assert AccessClaim.objects.open().count() == 3
