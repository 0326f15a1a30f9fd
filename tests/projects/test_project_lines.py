"""Lines of code on a project's page: by branch, by language, and what was left out."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from organizations.models import AuditEvent
from projects.models import ProjectSize
from projects.requests import MOST
from projects.skips import Skip
from projects.tasks import begin_projects
from projects.turns import AT_ONCE
from tests.factories import (
    LineCountFactory,
    ProjectFactory,
    ReadingFactory,
    RepositoryFactory,
    SizeFactory,
)

pytestmark = pytest.mark.django_db

CRANE = "/organizations/harbour/projects/crane/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def crane(harbour):
    """A project with three branches counted, and one count that is history."""
    repository = RepositoryFactory(binding=harbour.binding, name="crane")
    project = ProjectFactory(organization=harbour, repository=repository, key="crane", name="Crane")
    SizeFactory(project=project, loc=1200, branch="develop", uncounted=2)
    LineCountFactory(project=project, branch="main", code=1100, commit="a" * 40)
    LineCountFactory(project=project, branch="develop", code=1200, commit="b" * 40)
    LineCountFactory(project=project, branch="hotfix", code=900, commit="c" * 40)
    LineCountFactory(project=project, branch="develop", code=7, commit="d" * 40, is_current=False)
    return project


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_every_branch_is_shown_and_which_one_counts(browser_of, bob, crane):
    said = text_of(browser_of(bob).get(CRANE))

    assert "1,200 lines in develop , its largest branch" in said
    assert re.search(r"develop Counts b{8} .*? 1,200 main a{8} .*? 1,100 hotfix c{8}", said)
    assert "d" * 8 not in said
    assert "2 more branches were not looked at" in said


def test_languages_and_what_was_left_out_are_of_the_largest_branch(browser_of, bob, crane):
    said = text_of(browser_of(bob).get(CRANE))

    assert "Python 1,200 100.0 %" in said
    assert "Tests Tests, and what only tests need. 2 30" in said
    assert "tests/test_x.py 20 lines" in said


def test_its_days_are_drawn_without_those_of_the_sum(browser_of, bob, harbour, crane):
    today = timezone.now().date()
    yesterday = today - timedelta(days=1)
    ReadingFactory(organization=harbour, project=crane, day=yesterday, loc=1000)
    ReadingFactory(organization=harbour, day=yesterday, loc=9000)

    page = browser_of(bob).get(CRANE)

    assert "first 1,000 lines of code, last 1,200, 200 more." in page.text
    assert "9,000" not in page.text


def test_one_that_waits_for_its_first_count_says_so(browser_of, bob, harbour):
    ProjectFactory(organization=harbour, key="crane")

    assert "It waits for its first count" in browser_of(bob).get(CRANE).text


def test_one_that_could_not_be_counted_says_why(browser_of, bob, crane):
    ProjectSize.objects.update(skipped=Skip.NO_ANSWER)

    said = text_of(browser_of(bob).get(CRANE))

    assert "Azure DevOps did not answer, several times. What was counted before stands." in said


def test_a_public_one_is_free(browser_of, bob, crane):
    crane.repository.is_public = True
    crane.repository.save()

    assert "it is free and adds nothing to what is in use" in browser_of(bob).get(CRANE).text


def test_an_owner_has_it_counted_now(browser_of, alice, crane, counting, committed):
    browser = browser_of(alice)

    with committed():
        page = browser.post(f"{CRANE}count/", follow=True)
        browser.post(f"{CRANE}count/")

    assert "Counting…" in page.text and "Count now" not in page.text
    assert {kwargs["organization_id"] for _, kwargs in counting} == {str(crane.organization_id)}
    assert len(counting) == AT_ONCE
    event = AuditEvent.objects.get(action="lines.count_requested")
    assert (event.actor, event.data) == (alice, {"key": "crane"})


def test_it_is_counted_now_only_so_often(browser_of, alice, program_of, crane):
    browser = browser_of(alice)
    for _ in range(MOST):
        browser.post(f"{CRANE}count/")
        ProjectSize.objects.update(requested_at=None)

    page = browser.post(f"{CRANE}count/", follow=True)
    answer = program_of(alice).post("/api/v1/organizations/harbour/projects/crane/counts")

    assert "counted very often in the last hour" in text_of(page)
    assert (answer.status_code, answer.json()["code"]) == (429, "counted-often")
    assert not ProjectSize.objects.get().is_requested


def test_the_panel_follows_until_it_is_counted(browser_of, bob, crane):
    ProjectSize.objects.update(requested_at=timezone.now())
    browser = browser_of(bob)

    running = browser.get(CRANE, headers=HTMX)
    ProjectSize.objects.update(requested_at=None)
    done = browser.get(CRANE, headers=HTMX)

    assert 'hx-trigger="every 2s"' in running.text
    assert "every 2s" not in done.text
    assert "<h1>" not in done.text and "1,200" in done.text


def test_from_the_button_to_the_branches(browser_of, alice, fabrikam, counting, committed):
    project = fabrikam.projects.get(repository__name=largest(fabrikam, counting))
    browser = browser_of(alice)

    with committed():
        browser.post(f"/organizations/harbour/projects/{project.key}/count/")
    counting.work()

    page = browser.get(f"/organizations/harbour/projects/{project.key}/")
    assert f"{project.size.loc:,}" in page.text
    assert "Count now" in page.text


def largest(organization, counting):
    begin_projects.delay(organization_id=str(organization.pk))
    counting.work()
    return (
        organization.projects.filter(size__loc__gt=0).order_by("-size__loc").first().repository.name
    )
