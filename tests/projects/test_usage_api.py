"""Lines of code by program: the sum, its parts, its days, and a project's count."""

from datetime import timedelta

import pytest
from django.utils import timezone

from organizations.models import AuditEvent
from projects import counting
from projects.models import ProjectSize
from projects.skips import Skip
from tests.factories import (
    LineCountFactory,
    ProjectFactory,
    ReadingFactory,
    RepositoryFactory,
    SizeFactory,
)

pytestmark = pytest.mark.django_db

USAGE = "/api/v1/organizations/harbour/usage"
COUNTS = "/api/v1/organizations/harbour/projects/crane/counts"


@pytest.fixture
def crane(harbour):
    """The largest of four projects: one is public, one was never counted."""

    def make(name, *, is_public=False, **size):
        repository = RepositoryFactory(binding=harbour.binding, name=name, is_public=is_public)
        project = ProjectFactory(organization=harbour, repository=repository, key=name)
        return SizeFactory(project=project, **size).project

    make("winch", loc=250, skipped=Skip.NO_ANSWER)
    make("beacon", loc=70, is_public=True)
    ProjectFactory(organization=harbour, key="sketch")
    return make("crane", loc=1200, branch="develop", uncounted=3)


def test_the_sum(program_of, bob, crane):
    usage = program_of(bob).get(USAGE).json()

    counted_at = usage.pop("counted_at")
    assert counted_at is not None
    assert usage == {
        "loc": 1450,
        "counted": 1450,
        "declared": 0,
        "projects": 2,
        "public_projects": 1,
        "uncounted_projects": 1,
        "counting": 0,
        "version": counting.version(),
    }


def test_its_parts_add_up_to_it(program_of, bob, crane):
    program = program_of(bob)

    rows = program.get(f"{USAGE}/projects").json()["results"]

    by_key = {row["project"]: row for row in rows}
    assert list(by_key) == ["beacon", "crane", "sketch", "winch"]
    assert sum(row["adds"] for row in rows) == program.get(USAGE).json()["loc"]
    assert (by_key["beacon"]["loc"], by_key["beacon"]["adds"]) == (70, 0)
    assert by_key["beacon"]["is_free"]
    assert by_key["crane"]["branch"] == "develop"
    assert by_key["winch"]["skipped"] == "no_answer"
    assert by_key["sketch"] == {
        "project": "sketch", "branch": None, "loc": None, "is_free": False, "declared": 0,
        "adds": 0, "counted_at": None, "skipped": None,
    }  # fmt: skip


def test_its_parts_come_page_by_page(program_of, bob, crane):
    program, place, keys = program_of(bob), f"{USAGE}/projects?page_size=3", []

    while place:
        page = program.get(place).json()
        keys += [row["project"] for row in page["results"]]
        place = page["next"]

    assert keys == ["beacon", "crane", "sketch", "winch"]


def test_days_are_the_newest_first_and_of_the_sum_alone(program_of, bob, harbour, crane):
    today = timezone.now().date()
    for back in range(4):
        day = today - timedelta(days=back)
        ReadingFactory(organization=harbour, day=day, loc=1000 - back, projects=2)
        ReadingFactory(organization=harbour, project=crane, day=day, loc=7)
    program = program_of(bob)

    every = program.get(f"{USAGE}/readings").json()["results"]
    two = program.get(
        f"{USAGE}/readings", {"from": today - timedelta(days=2), "to": today - timedelta(days=1)}
    ).json()["results"]

    assert [row["loc"] for row in every] == [1000, 999, 998, 997]
    assert every[0] == {"day": today.isoformat(), "loc": 1000, "projects": 2}
    assert [row["loc"] for row in two] == [999, 998]


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "1e9", "٢٠٢٦-01-01"])
def test_a_day_that_is_none_is_refused(program_of, bob, crane, day):
    response = program_of(bob).get(f"{USAGE}/readings", {"from": day})

    assert response.status_code == 422
    assert response.json()["errors"] == {"from": ["Send a day like this: 2026-11-26."]}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_first_and_the_last_day_there_are_break_nothing(program_of, bob, crane, day):
    assert program_of(bob).get(f"{USAGE}/readings", {"to": day}).json()["results"] == []


def test_a_projects_count_by_branch(program_of, bob, crane):
    LineCountFactory(project=crane, branch="main", code=900, commit="a" * 40)
    LineCountFactory(project=crane, branch="develop", code=1200, commit="b" * 40)
    LineCountFactory(project=crane, branch="develop", code=5, is_current=False)

    counts = program_of(bob).get(COUNTS).json()

    assert (counts["project"], counts["loc"], counts["is_counting"]) == ("crane", 1200, False)
    assert counts["uncounted_branches"] == 3
    assert [(each["branch"], each["loc"]) for each in counts["branches"]] == [
        ("develop", 1200),
        ("main", 900),
    ]
    largest = counts["branches"][0]
    assert largest["commit"] == "b" * 40
    assert largest["languages"] == [
        {"name": "Python", "files": 3, "code": 1200, "comment": 8, "blank": 9}
    ]
    assert largest["left_out"] == [
        {
            "reason": "test",
            "files": 2,
            "code": 30,
            "examples": [{"path": "tests/test_x.py", "code": 20}],
        }
    ]


def test_an_owners_program_has_it_counted_once(program_of, alice, crane, committed):
    program = program_of(alice)

    with committed():
        first = program.post(COUNTS)
        second = program.post(COUNTS)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["is_counting"]
    assert AuditEvent.objects.get(action="lines.count_requested").channel == "api"


def test_a_members_program_does_not(program_of, bob, crane):
    response = program_of(bob).post(COUNTS)

    assert (response.status_code, response.json()["code"]) == (403, "owners-only")
    assert not ProjectSize.objects.exclude(requested_at=None).exists()
