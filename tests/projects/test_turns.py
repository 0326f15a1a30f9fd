"""Whose turn it is to be counted and by whom: nobody is counted twice, and nobody forgotten."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from core import leases
from core.leases import Lease, LeaseLost
from projects import recounting
from projects.models import ProjectSize
from projects.skips import Skip
from projects.tasks import begin_projects
from projects.turns import AT_ONCE
from tests.factories import OrganizationFactory, ProjectFactory
from tests.projects.nights import a_night_later, count_all, downloads, sweep_later

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbour(fabrikam):
    return fabrikam


def test_organizations_take_turns(sandbox, alice, harbour, counting):
    other = OrganizationFactory(key="other", owner=alice)
    mine = ProjectFactory(organization=other, repository=None)
    sweep_later()

    counting.work(most=4)

    assert ProjectSize.objects.get(pk=mine.pk).skipped == Skip.NO_SOURCE
    assert ProjectSize.objects.due().filter(project__organization=harbour).exists()


def test_a_sweep_makes_no_second_chain_of_one_that_is_alive(sandbox, harbour, counting):
    for _ in range(5):
        sweep_later()
    sandbox.requests.clear()

    counting.work()

    assert len(downloads(sandbox)) <= 2 * harbour.projects.count()
    assert ProjectSize.objects.due().count() == 0


def test_no_more_than_a_few_of_an_organization_are_counted_at_once(harbour, counting):
    recounting.make_missing_sizes()
    pks = list(ProjectSize.objects.values_list("pk", flat=True))
    held = [leases.claim(ProjectSize.objects.due(), pk) for pk in pks[:AT_ONCE]]
    begin_projects(organization_id=str(harbour.pk))

    counting.work()

    assert not ProjectSize.objects.exclude(counted_at=None).exists()
    assert len(counting.later) == AT_ONCE
    ProjectSize.objects.filter(pk__in=[size.pk for size in held]).update(lease=None)
    counting.come_back()
    counting.work()
    assert not ProjectSize.objects.due().exists()


def test_what_was_put_off_is_counted_when_its_time_comes(sandbox, harbour, counting):
    sandbox.fail_next("fabrikam", 1000)
    count_all(counting)
    assert counting.later

    sandbox.fail_next("fabrikam", 0)
    a_night_later()
    counting.come_back()
    counting.work()

    assert not ProjectSize.objects.filter(counted_at=None, skipped="").exists()


def test_what_is_asked_for_while_a_chain_ends_is_counted(harbour, counting):
    count_all(counting)
    project = harbour.projects.filter(size__loc__gt=0).first()
    for _ in range(3):
        recounting.request_count([project.pk])
        begin_projects(organization_id=str(harbour.pk))
        counting.work()

        assert not ProjectSize.objects.get(pk=project.pk).is_requested


def test_who_waits_longest_is_found_first(alice, sandbox, harbour):
    other = OrganizationFactory(key="other", owner=alice)
    ProjectFactory(organization=other, repository=None)
    recounting.make_missing_sizes()
    long_ago = timezone.now() - timedelta(hours=2)
    for first, second in ((harbour, other), (other, harbour)):
        ProjectSize.objects.filter(project__organization=first).update(next_count_at=long_ago)
        later = ProjectSize.objects.filter(project__organization=second)
        later.update(next_count_at=long_ago + timedelta(hours=1))

        assert list(recounting.stalled()) == [first.pk, second.pk]


@pytest.mark.django_db(transaction=True)
def test_what_a_slow_worker_counts_is_not_kept(harbour, monkeypatch):
    monkeypatch.setattr(leases, "HEARTBEAT", 0.01)
    project = harbour.projects.first()
    recounting.make_sizes([project.pk])

    with Lease(leases.claim(ProjectSize.objects.due(), project.pk)) as lease:
        ProjectSize.objects.update(lease=uuid.uuid4())
        lease._heart.join(30)
        with pytest.raises(LeaseLost):
            recounting._count(lease, project, project.repository)

    assert not project.counts.exists()


def test_one_in_maintenance_holds_nobody_up(sandbox, harbour, counting):
    first = harbour.projects.first()
    sandbox.put_in_maintenance("fabrikam", first.repository.name)

    count_all(counting)

    sizes = ProjectSize.objects.filter(project__organization=harbour)
    assert sizes.get(pk=first.pk).counted_at is None
    assert not sizes.exclude(pk=first.pk).filter(counted_at=None).exists()


def test_two_workers_with_one_project_count_it_once(sandbox, harbour):
    project = harbour.projects.first()
    recounting.make_sizes([project.pk])
    leases.claim(ProjectSize.objects.due(), project.pk)
    sandbox.requests.clear()

    recounting.count_project(project.pk)

    assert len(sandbox.requests) == 0


def test_who_asks_while_it_is_counted_is_not_forgotten(sandbox, harbour):
    project = harbour.projects.first()
    recounting.make_sizes([project.pk])
    size = leases.claim(ProjectSize.objects.due(), project.pk)

    recounting.request_count([project.pk])
    with Lease(size) as lease:
        recounting._end(lease, skipped="")

    after = ProjectSize.objects.get(pk=project.pk)
    assert after.is_requested
    assert after.next_count_at <= timezone.now()
