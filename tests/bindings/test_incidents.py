"""Trouble of the platform, as a steady sweep of a few hundred tokens a day meets it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from bindings import sweeping
from bindings.models import PersonalAccessToken, PlatformIncident, Verification
from bindings.tasks import watch_tokens
from core.secrets import fingerprint
from tests.factories import BindingFactory, RepositoryFactory, TokenFactory

pytestmark = pytest.mark.django_db

FLEET = 300
HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def fleet(sandbox):
    """Secrets of tokens that are due one after the other in the course of a day."""
    now, every = timezone.now(), timedelta(days=1) / FLEET
    members = list(sandbox.add_fleet(FLEET))
    for number, member in enumerate(members):
        binding = BindingFactory(external_name=member.name, external_id=member.instance_id)
        RepositoryFactory(
            binding=binding,
            external_id=member.repository_id,
            name=member.repository_name,
            project_id=member.project_id,
            project_name=member.project_name,
            default_branch=f"refs/heads/{member.default_branch}",
        )
        TokenFactory(
            binding=binding,
            secret=member.token,
            fingerprint=fingerprint(member.token),
            # Not known yet, so that each counts as another account.
            owner_id="",
            next_check_at=now + number * every,
            asked_at=now - timedelta(days=1) + number * every,
        )
    return [member.token for member in members]


@pytest.fixture
def live(sandbox):
    """`live(hours=1)`: what the scheduler does meanwhile."""
    with time_machine.travel(timezone.now(), tick=False) as clock:

        def pass_by(**time):
            end = timezone.now() + timedelta(**time)
            while timezone.now() < end:
                clock.move_to(timezone.now() + HALF_A_MINUTE)
                if PersonalAccessToken.objects.due(timezone.now()).exists():
                    watch_tokens()
                    sweeping.sweep(seconds=5)

        yield pass_by


def refuse(sandbox, secrets):
    for secret in secrets:
        sandbox.spoil(secret)


def blamed():
    return PersonalAccessToken.objects.exclude(verdict="healthy").count()


@pytest.mark.timeout(300)
def test_an_outage_is_recognized_before_many_are_blamed(fleet, live, sandbox):
    live(minutes=30)
    refuse(sandbox, fleet)

    live(hours=2)

    assert PlatformIncident.objects.filter(ended_at=None).exists()
    assert blamed() <= 6


@pytest.mark.timeout(300)
def test_two_that_die_are_told_and_no_incident(fleet, live, sandbox):
    live(minutes=10)
    refuse(sandbox, fleet[4:6])

    live(hours=1)

    assert not PlatformIncident.objects.exists()
    assert blamed() == 2


@pytest.mark.timeout(300)
def test_it_is_over_when_the_platform_answers_again(fleet, live, sandbox):
    refuse(sandbox, fleet)
    live(hours=1)
    assert PlatformIncident.objects.filter(ended_at=None).exists()

    for secret in fleet:
        sandbox.spoil(secret, None)
    live(hours=2)

    assert not PlatformIncident.objects.filter(ended_at=None).exists()
    assert blamed() == 0


def test_a_few_are_not_asked_often_while_it_lasts_and_soon_known_after_it(
    bound, live, sandbox, current
):
    names = ["contoso", "fabrikam", "empty-harbor", "empty-shelf", "windlass", "marked"]
    tokens = [current(bound(name)) for name in names]
    secrets = [token.secret.reveal(token) for token in tokens]
    refuse(sandbox, secrets)
    live(minutes=10)
    assert PlatformIncident.objects.filter(ended_at=None).exists()
    before = Verification.objects.count()

    live(hours=1)

    assert Verification.objects.count() - before <= len(names) * 4
    for secret in secrets[1:]:
        sandbox.spoil(secret, None)
    # To half a minute, as the scheduler comes.
    live(minutes=21)
    watch_tokens()
    assert not PlatformIncident.objects.filter(ended_at=None).exists()
    live(minutes=21)
    assert list(PersonalAccessToken.objects.exclude(verdict="healthy")) == tokens[:1]
    assert not PersonalAccessToken.objects.exclude(suspect="").exists()
