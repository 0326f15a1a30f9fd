"""What is made in Azure DevOps after the import is listed here a day later."""

from datetime import timedelta

import httpx2
import pytest
import time_machine
from django.utils import timezone

from bindings.models import DevOpsBinding, Repository
from organizations.models import AuditEvent
from projects import listing
from projects.tasks import list_repositories, sweep_listings
from sandbox.testing import Flaw
from tests.factories import BindingFactory, TokenFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def binding(sandbox):
    """To fabrikam, whose repositories were asked for a day ago."""
    binding = BindingFactory(
        external_name="fabrikam", external_id=sandbox.instance_id("fabrikam"), listed_at=a_day_ago()
    )
    TokenFactory(binding=binding, secret=sandbox.token("fabrikam"), verdict="healthy")
    return binding


def a_day_ago():
    return timezone.now() - timedelta(hours=25)


def names(binding):
    return set(binding.repositories.filter(vanished_at=None).values_list("name", flat=True))


def test_what_is_new_is_listed_and_what_is_gone_is_marked(sandbox, binding):
    sweep_listings()
    before = names(binding)
    sandbox.add_repository("fabrikam", "Harbor", "lighthouse", {"a.py": "x = 1\n"})
    sandbox.remove_repository("fabrikam", "quay-web")
    DevOpsBinding.objects.update(listed_at=a_day_ago())

    sweep_listings()

    assert names(binding) == before - {"quay-web"} | {"lighthouse"}


def test_it_is_asked_for_once_a_day(sandbox, binding):
    sweep_listings()
    sandbox.requests.clear()

    sweep_listings()
    list_repositories(binding_id=str(binding.pk))

    assert len(sandbox.requests) == 0


def test_one_of_a_time_to_come_is_asked_for(sandbox, binding):
    DevOpsBinding.objects.update(listed_at=timezone.now() + timedelta(days=300))

    sweep_listings()

    assert names(binding)
    assert DevOpsBinding.objects.get().listed_at <= timezone.now()


def test_one_whose_worker_died_is_asked_for_within_the_hour(binding, monkeypatch):
    class Killed(BaseException):
        pass

    def dies(transport, request):
        raise Killed

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(httpx2.HTTPTransport, "handle_request", dies)
        list_repositories(binding_id=str(binding.pk))

    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert list(listing.due()) == [binding]


def test_a_refusal_empties_no_list_and_is_asked_about_within_the_hour(sandbox, binding):
    sweep_listings()
    before = names(binding)
    DevOpsBinding.objects.update(listed_at=a_day_ago())
    sandbox.spoil_token("fabrikam", Flaw.REVOKED)

    sweep_listings()

    assert names(binding) == before
    listed_at = DevOpsBinding.objects.get().listed_at
    assert a_day_ago() < listed_at < timezone.now() - timedelta(hours=22)


def test_what_becomes_public_or_private_is_on_the_record(binding):
    sweep_listings()
    there = Repository.objects.get(name="quay-web")
    events = AuditEvent.objects.filter(action="repositories.visibility_changed")
    assert not events.exists()

    for is_public in (not there.is_public, there.is_public):
        Repository.objects.filter(pk=there.pk).update(is_public=is_public)
        DevOpsBinding.objects.update(listed_at=a_day_ago())
        sweep_listings()

    (event,) = events
    now, before = ("public", "private") if there.is_public else ("private", "public")
    assert event.data == {now: [str(there)], before: [], "repositories": 1}
    assert (event.organization, event.channel) == (binding.organization, "system")
