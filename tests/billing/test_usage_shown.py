"""The number that is shown is the number that is refused by, with how it is composed."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from billing.admission import admit_analysis
from billing.errors import LocLimitReached
from projects.models import Project
from tests.factories import OrganizationFactory, ProjectFactory, RepositoryFactory, SizeFactory

HTMX = {"HX-Request": "true"}
USAGE = "/api/v1/organizations/harbour/usage"
LIMIT = "/organizations/harbour/billing/limit/"


@pytest.fixture
def harbour(alice, bob):
    """Free, with 30,000 lines counted, and 12,345 that an analysis said since of another."""
    organization = OrganizationFactory(key="harbour", owner=alice, member=bob)
    an_hour_ago = timezone.now() - timedelta(hours=1)
    crane = ProjectFactory(organization=organization, key="crane")
    SizeFactory(project=crane, loc=30_000, counted_at=an_hour_ago)
    quay = ProjectFactory(organization=organization, key="quay")
    beacon = ProjectFactory(
        organization=organization,
        key="beacon",
        repository=RepositoryFactory(binding__organization=organization, is_public=True),
    )
    SizeFactory(project=beacon, loc=900, counted_at=an_hour_ago)
    for project, loc in ((quay, 12_345), (beacon, 7_000), (crane, 100)):
        admit_analysis(project, branch="main", loc=loc)
    return organization


def refused_by(organization):
    project = Project.objects.get(organization=organization, key="quay")
    with pytest.raises(LocLimitReached) as refusal:
        admit_analysis(project, branch="main", loc=10**6)
    return refusal.value.details["used"]


def words(response):
    text = re.sub(r"<[^>]+>", " ", response.text)
    return re.sub(r"\s+", " ", text)


def test_a_program_is_told_the_number_that_refuses_it(program_of, bob, harbour):
    usage = program_of(bob).get(USAGE).json()

    assert usage["loc"] == refused_by(harbour) == 42_345
    assert (usage["counted"], usage["declared"]) == (30_000, 12_345)
    assert (usage["projects"], usage["uncounted_projects"]) == (1, 1)


def test_its_parts_add_up_to_it_with_what_analyses_said(program_of, bob, harbour):
    rows = program_of(bob).get(f"{USAGE}/projects").json()["results"]

    parts = {row["project"]: (row["loc"], row["declared"], row["adds"]) for row in rows}
    assert parts == {
        "beacon": (900, 0, 0),
        "crane": (30_000, 0, 30_000),
        "quay": (None, 12_345, 12_345),
    }


@pytest.mark.parametrize("address", [LIMIT, f"{LIMIT}?panel=1"])
def test_the_pages_show_it_and_how_it_is_composed(browser_of, bob, harbour, address):
    shown = words(browser_of(bob).get(address, headers=HTMX))

    assert f"{refused_by(harbour):,} of 50,000 private lines of code" in shown
    assert "30,000 are counted; 12,345 more come from analyses since" in shown


@pytest.mark.parametrize("address", [LIMIT, f"{LIMIT}?panel=1"])
def test_where_they_are_the_same_nothing_is_explained(browser_of, bob, harbour, address):
    ProjectFactory._meta.model.objects.filter(key="quay").delete()

    assert "are counted;" not in words(browser_of(bob).get(address, headers=HTMX))


def test_the_sum_of_counts_is_not_called_what_is_in_use(browser_of, bob, harbour):
    page = words(browser_of(bob).get("/organizations/harbour/lines-of-code/"))

    assert "In use now 30,000" not in page
    assert "Counted 30,000 lines of code" in page
