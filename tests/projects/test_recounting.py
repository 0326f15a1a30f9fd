"""Lines of code as they are, night by night: what was estimated, until the code changes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bindings.inventory import repository_row
from bindings.models import PersonalAccessToken, Repository
from bindings.platforms import open_azure
from projects import estimating, recounting
from projects.models import LineCount, Project, ProjectSize, UsageReading
from projects.operations import update_project
from projects.progress import progress_of
from projects.skips import Skip
from projects.tasks import take_readings
from projects.usage import usage_of
from sandbox.testing import Fault
from tests.factories import BindingFactory, ProjectFactory, TokenFactory
from tests.projects.nights import a_night_later, count_all, downloads

pytestmark = pytest.mark.django_db

PYTHON = "# A comment.\nx = 1\ny = 2\n"


@pytest.fixture
def harbour(fabrikam):
    return fabrikam


def rows_of(sandbox, name="fabrikam"):
    platform = open_azure(name, sandbox.token(name))
    return [repository_row(each) for each in platform.inventory().repositories]


def test_every_project_is_counted_and_summed(harbour, counting):
    count_all(counting)

    sizes = ProjectSize.objects.filter(project__organization=harbour)
    assert sizes.count() == harbour.projects.count() > 1
    in_use = usage_of(harbour.pk)
    assert in_use.loc == sum(size.loc or 0 for size in sizes) > 0
    today = UsageReading.objects.get(organization=harbour, project=None)
    assert (today.loc, today.projects) == (in_use.loc, len(in_use.summands))


def test_what_is_in_use_is_what_was_estimated(sandbox, harbour, counting):
    platform = open_azure("fabrikam", sandbox.token("fabrikam"))
    estimate = estimating.start_estimate(rows_of(sandbox))
    while estimating.count_next(estimate.pk, lambda question: question(platform)):
        pass

    count_all(counting)

    assert progress_of(estimate).loc == usage_of(harbour.pk).loc


def test_what_an_estimate_counted_is_not_downloaded_again(sandbox, harbour, counting):
    platform = open_azure("fabrikam", sandbox.token("fabrikam"))
    estimate = estimating.start_estimate(rows_of(sandbox), binding=harbour.binding)
    while estimating.count_next(estimate.pk, lambda question: question(platform)):
        pass
    sandbox.requests.clear()

    count_all(counting)

    assert downloads(sandbox) == []
    assert usage_of(harbour.pk).loc == progress_of(estimate).loc


def test_only_what_changed_is_downloaded_the_next_night(sandbox, harbour, counting):
    count_all(counting)
    changed = harbour.projects.filter(size__loc__gt=0).order_by("key").first()
    before = changed.size.loc
    sandbox.commit("fabrikam", changed.repository.name, {"more.py": PYTHON}, changed.size.branch)
    a_night_later()
    sandbox.requests.clear()

    count_all(counting)

    assert len(downloads(sandbox)) == 1
    changed.size.refresh_from_db()
    assert changed.size.loc == before + 2
    current = changed.counts.filter(is_current=True, branch=changed.size.branch)
    assert [count.code for count in current] == [before + 2]


def test_a_list_of_the_project_changes_what_counts(sandbox, harbour, counting):
    count_all(counting)
    project = harbour.projects.filter(size__loc__gt=0).first()
    Project.objects.filter(pk=project.pk).update(rules="** -mooring-counts\n")
    recounting.request_count([project.pk])

    recounting.count_project(project.pk)

    project.size.refresh_from_db()
    assert project.size.loc == 0
    current = LineCount.objects.filter(project=project, is_current=True)
    assert all("list" in count.version for count in current)


def test_who_asks_waits_for_nobody_and_asking_twice_counts_once(sandbox, harbour, counting):
    count_all(counting)
    project = harbour.projects.filter(size__loc__gt=0).first()

    recounting.request_count([project.pk])
    recounting.request_count([project.pk])

    assert recounting.next_due(harbour.pk) == project.pk
    recounting.count_project(project.pk)
    project.size.refresh_from_db()
    assert not project.size.is_requested
    assert project.size.next_count_at > timezone.now()


def test_a_repository_that_is_refused_keeps_what_was_counted(sandbox, harbour, counting):
    count_all(counting)
    project = harbour.projects.filter(size__loc__gt=0).first()
    before = project.size.loc
    sandbox.remove_repository("fabrikam", project.repository.name)
    a_night_later()

    recounting.count_project(project.pk)

    project.size.refresh_from_db()
    assert (project.size.loc, project.size.skipped) == (before, Skip.VANISHED)


def test_without_an_answer_it_is_tried_again_and_then_left_to_the_night(sandbox, harbour):
    project = harbour.projects.first()
    recounting.make_sizes([project.pk])
    sandbox.fail_next("fabrikam", 1000)

    for attempt in range(1, recounting.ATTEMPTS + 1):
        recounting.count_project(project.pk)
        project.size.refresh_from_db()
        assert project.size.next_count_at > timezone.now()
        assert project.size.attempts == attempt % recounting.ATTEMPTS
        a_night_later()

    assert project.size.skipped == Skip.NO_ANSWER


def test_nobody_is_kept_waiting_for_a_platform_that_is_silent(sandbox, harbour):
    project = harbour.projects.first()
    recounting.request_count([project.pk])
    sandbox.fail_next("fabrikam", 1000)

    recounting.count_project(project.pk)
    assert ProjectSize.objects.get(pk=project.pk).is_requested
    a_night_later()
    recounting.count_project(project.pk)

    assert not ProjectSize.objects.get(pk=project.pk).is_requested


def test_while_the_platform_slows_us_down_all_that_ask_with_the_same_token_wait(sandbox, harbour):
    recounting.make_missing_sizes()
    first = harbour.projects.first()
    sandbox.set_fault("fabrikam", Fault.THROTTLED)

    recounting.count_project(first.pk)

    soon = timezone.now() + timedelta(seconds=recounting.FIRST_DELAY - 10)
    assert not ProjectSize.objects.filter(next_count_at__lt=soon).exists()
    assert ProjectSize.objects.get(pk=first.pk).attempts == 0


def test_a_token_that_cannot_be_read_is_refused_and_no_bug(harbour, caplog):
    other = TokenFactory(binding=BindingFactory(external_name="other"))
    theirs = PersonalAccessToken.objects.get(pk=other.pk).secret
    PersonalAccessToken.objects.filter(binding=harbour.binding).update(secret=theirs)
    project = harbour.projects.first()
    recounting.make_sizes([project.pk])

    for _ in range(recounting.ATTEMPTS):
        recounting.count_project(project.pk)
        a_night_later()

    assert ProjectSize.objects.get(pk=project.pk).skipped == Skip.REFUSED
    assert "count_broke" not in caplog.text


def test_one_made_by_hand_says_that_nothing_tells_where_its_code_is(harbour, counting):
    project = ProjectFactory(organization=harbour, repository=None)

    count_all(counting)

    assert project.size.skipped == Skip.NO_SOURCE


def test_a_repository_is_followed_where_it_changes(sandbox, harbour, counting):
    """Its default branch, its visibility and its name are the platform's, night by night."""
    project = harbour.projects.get(repository__name="quay-web")
    Repository.objects.filter(pk=project.repository_id).update(default_branch="", name="old")

    count_all(counting)

    project.refresh_from_db()
    assert not harbour.audit_events.filter(action="repositories.visibility_changed").exists()
    assert project.repository.name == "quay-web"
    assert project.size.loc > 0


def test_one_that_became_private_is_on_the_record(harbour, counting):
    project = harbour.projects.get(repository__name="quay-web")
    Repository.objects.filter(pk=project.repository_id).update(is_public=True)

    count_all(counting)

    event = harbour.audit_events.get(action="repositories.visibility_changed")
    assert event.data["private"] == [str(project.repository)]


def test_one_that_is_emptied_adds_nothing_any_more(sandbox, harbour, counting):
    count_all(counting)
    project = harbour.projects.get(repository__name="quay-web")
    empty = sandbox.add_repository("fabrikam", project.repository.project_name, "empty")
    Repository.objects.filter(pk=project.repository_id).update(external_id=empty)
    a_night_later()

    recounting.count_project(project.pk)

    project.size.refresh_from_db()
    assert (project.size.loc, project.size.skipped) == (0, Skip.EMPTY)


def test_other_rules_count_soon(sandbox, alice, harbour, counting, committed):
    count_all(counting)
    project = harbour.projects.filter(size__loc__gt=0).first()

    with committed():
        update_project(project, by=alice, rules="** -mooring-counts\n")
    counting.work()

    assert ProjectSize.objects.get(pk=project.pk).loc == 0


def test_old_counts_are_forgotten(sandbox, harbour, counting):
    count_all(counting)
    project = harbour.projects.get(repository__name="quay-web")
    LineCount.objects.filter(project=project).update(counted_at=timezone.now() - timedelta(days=40))
    sandbox.commit("fabrikam", "quay-web", {"more.py": PYTHON}, "main")
    a_night_later()

    recounting.count_project(project.pk)

    assert set(project.counts.values_list("is_current", flat=True)) == {True}


def test_a_day_without_a_count_has_its_reading_too(harbour, counting):
    count_all(counting)
    UsageReading.objects.all().delete()

    take_readings()
    take_readings()

    assert UsageReading.objects.get(project=None).loc == usage_of(harbour.pk).loc
