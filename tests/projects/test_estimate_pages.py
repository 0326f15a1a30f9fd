"""What repositories that are no projects would add: asked by owners, seen by members."""

import re
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from bindings.models import Repository
from organizations.models import AuditEvent
from projects.models import Estimate, EstimatedRepository, Project
from projects.skips import Skip
from projects.turns import AT_ONCE
from projects.usage import usage_of
from tests.factories import (
    EstimatedRepositoryFactory,
    EstimateFactory,
    ProjectFactory,
    RepositoryFactory,
    SizeFactory,
)

pytestmark = pytest.mark.django_db

ALL = "/organizations/harbour/estimate/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def crane(harbour):
    """A repository that is no project, beside a project of 1,000 lines."""
    taken = RepositoryFactory(binding=harbour.binding, name="winch")
    SizeFactory(project=ProjectFactory(organization=harbour, repository=taken), loc=1000)
    return RepositoryFactory(binding=harbour.binding, name="crane")


def lines_of(repository):
    return f"/organizations/harbour/repositories/{repository.pk}/lines/"


COUNTED = {"code": 250, "state": "counted", "branch": "main"}


def said_of(repository, *, alone=False, state="done", row=COUNTED):
    """An estimate with the repository in it."""
    estimate = EstimateFactory(
        binding=repository.binding, repository=repository if alone else None, state=state
    )
    same = ("external_id", "name", "project_name", "is_public")
    values = {name: getattr(repository, name) for name in same}
    return EstimatedRepositoryFactory(estimate=estimate, **values, **row)


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_an_owner_has_all_that_are_no_projects_counted(
    browser_of, alice, harbour, crane, counting, committed
):
    browser = browser_of(alice)

    with committed():
        page = browser.post(ALL, {"act": "again"}, follow=True)

    estimate = Estimate.objects.get()
    assert [row.external_id for row in estimate.repositories.all()] == [crane.external_id]
    assert estimate.binding == harbour.binding
    assert "0 of 1 private repositories are done" in text_of(page)
    assert {kwargs["estimate_id"] for _, kwargs in counting} == {str(estimate.pk)}
    assert len(counting) == AT_ONCE
    event = AuditEvent.objects.get(action="estimate.started")
    assert (event.actor, event.data) == (alice, {"repositories": 1})


def test_an_owner_stops_it(browser_of, alice, crane):
    said_of(crane, state="counting", row={})
    browser = browser_of(alice)

    page = browser.post(ALL, {"act": "stop"}, follow=True)

    assert Estimate.objects.get().is_cancelled
    assert "Counting was stopped" in text_of(page)
    assert AuditEvent.objects.filter(action="estimate.stopped").count() == 1


def test_one_estimate_at_a_time(browser_of, alice, crane):
    said_of(crane, state="counting", row={})
    browser = browser_of(alice)

    refused = browser.post(lines_of(crane), {"act": "again"}, follow=True)

    assert "is being counted already" in refused.text
    assert Estimate.objects.count() == 1


def test_where_all_are_projects_there_is_nothing_to_estimate(browser_of, alice, harbour):
    browser = browser_of(alice)

    assert "Nothing is left to estimate" in browser.get(ALL).text
    assert "There is none to add" in browser.post(ALL, follow=True).text


@pytest.mark.parametrize("act", ["again", "stop"])
def test_a_member_sees_and_does_not_steer(browser_of, bob, crane, act):
    said_of(crane)
    browser = browser_of(bob)

    refused = [browser.post(place, {"act": act}) for place in (ALL, lines_of(crane))]

    assert [response.status_code for response in refused] == [403, 403]
    assert Estimate.objects.count() == 1
    assert "250 private lines of code" in text_of(browser.get(ALL))
    assert "Count again" not in browser.get(ALL).text
    assert "Count it again" not in browser.get(lines_of(crane)).text


def test_where_nothing_could_be_counted_nobody_says_there_is_no_code(browser_of, bob, crane):
    said_of(crane, row={"state": "skipped", "skipped": Skip.NO_ANSWER})

    said = text_of(browser_of(bob).get(ALL))

    assert "1 repository could not be counted" in said
    assert "No private repository has code in it" not in said


def test_the_last_push_is_told_where_it_is_known(browser_of, bob, crane):
    row = said_of(crane, row={**COUNTED, "pushed_at": datetime(2026, 7, 2, 18, tzinfo=UTC)})
    EstimatedRepositoryFactory(estimate=row.estimate, **COUNTED)
    browser = browser_of(bob)

    known = text_of(browser.get(ALL))
    EstimatedRepository.objects.update(pushed_at=None)
    unknown = text_of(browser.get(ALL))

    assert "Last push" in known and "2 Jul 2026" in known and "not known" in known
    assert "Last push" not in unknown and "not known" not in unknown


def test_the_order_is_said_while_it_is_counted(browser_of, bob, crane):
    row = said_of(crane, state="counting", row={})
    browser = browser_of(bob)
    assert "are done, the largest first." in text_of(browser.get(ALL))

    EstimatedRepository.objects.filter(pk=row.pk).update(pushed_at=timezone.now())

    assert "are done, the newest and the largest first." in text_of(browser.get(ALL))


def test_the_estimate_alone_is_for_htmx(browser_of, bob, crane):
    said_of(crane)

    part = browser_of(bob).get(ALL, headers=HTMX)

    assert 'id="estimate"' in part.text and "<h1>" not in part.text


def test_of_many_estimates_the_newest_and_the_one_before_are_kept(browser_of, alice, crane):
    older = [said_of(crane).estimate, said_of(crane, alone=True).estimate]
    before = said_of(crane).estimate
    browser = browser_of(alice)

    browser.post(ALL, {"act": "again"})

    kept = set(Estimate.objects.exclude(state="counting"))
    assert kept == {before, older[1]}


def test_one_repository_is_counted_when_an_owner_asks(
    browser_of, alice, crane, counting, committed
):
    browser = browser_of(alice)
    assert "Count its lines" in browser.get(lines_of(crane)).text

    with committed():
        page = browser.post(lines_of(crane), {"act": "again"}, follow=True)

    assert Estimate.objects.get().repository == crane
    assert "0 of 1 private repositories are done" in text_of(page)
    assert AuditEvent.objects.get(action="estimate.started").data["repository"] == "Quay/crane"


def test_what_it_would_add_is_told_from_and_to(browser_of, bob, crane):
    said_of(crane, alone=True)

    said = text_of(browser_of(bob).get(lines_of(crane)))

    assert "As a project it would add 250 lines: from 1,000 to 1,250 in use." in said


def test_what_an_estimate_of_all_said_is_said_too(browser_of, bob, crane):
    said_of(crane)

    said = text_of(browser_of(bob).get(lines_of(crane)))

    assert "250 lines in main , its largest branch" in said
    assert "in an estimate of all repositories" in said
    assert "from 1,000 to 1,250 in use." in said


def test_the_answer_comes_to_the_page_that_waits(browser_of, bob, crane):
    row = said_of(crane, alone=True, state="counting", row={})
    browser = browser_of(bob)

    running = browser.get(lines_of(crane), headers=HTMX)
    EstimatedRepository.objects.filter(pk=row.pk).update(**COUNTED)
    Estimate.objects.update(state="done")
    done = browser.get(lines_of(crane), headers=HTMX)

    assert 'hx-trigger="every 2s"' in running.text
    assert done["HX-Retarget"] == "#answer"
    assert "from 1,000 to 1,250 in use." in text_of(done)


def test_one_that_could_not_be_counted_says_why(browser_of, bob, crane):
    said_of(crane, row={"state": "skipped", "skipped": Skip.TOO_LARGE})

    assert "Its archive is larger than 2 GB" in browser_of(bob).get(lines_of(crane)).text


def test_a_public_one_would_be_free(browser_of, bob, harbour):
    beacon = RepositoryFactory(binding=harbour.binding, is_public=True)

    assert "as a project it would be free" in browser_of(bob).get(lines_of(beacon)).text


def test_a_project_has_its_lines_on_its_own_page(browser_of, bob, harbour, crane):
    project = ProjectFactory(organization=harbour, repository=crane, key="crane")

    response = browser_of(bob).get(lines_of(crane))

    assert response["Location"] == f"/organizations/harbour/projects/{project.key}/"


def test_anothers_repository_does_not_exist(browser_of, bob, harbour):
    assert browser_of(bob).get(lines_of(RepositoryFactory())).status_code == 404


def test_what_was_told_is_what_it_adds(sandbox, browser_of, alice, fabrikam, counting, committed):
    counting.clear()
    repository = Repository.objects.filter(size__gt=0, is_disabled=False).order_by("-size").first()
    Project.objects.filter(repository=repository).delete()
    browser = browser_of(alice)

    with committed():
        browser.post(lines_of(repository), {"act": "again"})
    counting.work()

    adds = Estimate.objects.get().repositories.get().code
    assert adds > 0
    assert f"from {usage_of(fabrikam.pk).loc:,} to {usage_of(fabrikam.pk).loc + adds:,}" in text_of(
        browser.get(lines_of(repository))
    )
