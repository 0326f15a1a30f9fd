"""Whether an analysis may run: by lines in use, with those before it, at the limit."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.operations import issue_api_token
from billing.admission import admit_analysis
from billing.errors import LocLimitReached
from billing.models import Analysis
from billing.usage import KEPT, forget_counted_analyses, lines_with_analyses
from organizations.models import Membership
from projects.models import Project
from projects.usage import usage_of
from tests.billing.rows import SubscriptionFactory
from tests.factories import OrganizationFactory, ProjectFactory, RepositoryFactory, SizeFactory
from tests.projects.test_adding_race import meet

ADDRESS = "/api/v1/organizations/harbour/projects/{}/analyses"
ANALYSES = ("analyses",)


@pytest.fixture
def harbour(alice):
    """Free: 50,000 lines, of which crane has 30,000."""
    organization = OrganizationFactory(key="harbour", owner=alice)
    crane = ProjectFactory(organization=organization, key="crane")
    SizeFactory(project=crane, loc=30_000, counted_at=timezone.now() - timedelta(hours=1))
    ProjectFactory(organization=organization, key="quay")
    return organization


@pytest.fixture
def analyse(program_of, alice, harbour):
    """`analyse("quay", 500)`: what the call answers."""
    program = program_of(alice, scopes=ANALYSES)

    def call(project, loc, *, branch="main", **more):
        body = {"branch": branch, "loc": loc, **more}
        return program.post(ADDRESS.format(project), body, content_type="application/json")

    return call


def test_what_fits_is_admitted_and_counts_from_then_on(analyse):
    assert analyse("quay", 15_000).json() == {
        "branch": "main", "loc": 15_000, "used": 45_000, "limit": 50_000,
    }  # fmt: skip
    assert analyse("quay", 20_000).json()["used"] == 50_000


def test_what_does_not_fit_is_refused_with_the_figures_and_the_way_out(analyse, harbour):
    response = analyse("quay", 20_001)

    said = response.json()
    assert response.status_code == 402
    assert response["Content-Type"] == "application/problem+json"
    assert said["code"] == "loc-limit-reached"
    assert (said["used"], said["limit"], said["needed"]) == (30_000, 50_000, 50_001)
    assert (said["plan"], said["tier"]) == ("team", 100_000)
    assert said["url"].endswith("/organizations/harbour/billing/")
    assert lines_with_analyses(harbour.pk) == 30_000


def test_a_paid_tier_is_the_limit(analyse, harbour):
    SubscriptionFactory(account__organization=harbour, loc_limit=100_000)

    assert analyse("quay", 70_000).status_code == 201
    assert analyse("quay", 70_001).status_code == 402


def test_what_makes_the_largest_branch_no_larger_passes_even_above_the_limit(analyse, harbour):
    SizeFactory(project=ProjectFactory(organization=harbour, key="dock"), loc=40_000)

    assert analyse("dock", 40_000).status_code == 201
    assert analyse("crane", 12, branch="small").status_code == 201
    assert analyse("dock", 40_001).status_code == 402


def test_only_the_largest_branch_of_a_project_counts(analyse):
    analyse("quay", 10_000)

    assert analyse("quay", 9_000, branch="old").json()["used"] == 40_000
    assert analyse("quay", 11_000, branch="next").json()["used"] == 41_000


def test_a_pull_request_is_judged_like_its_target_and_adds_nothing(analyse, harbour):
    assert analyse("quay", 20_000, pull_request=True).json()["used"] == 50_000
    assert lines_with_analyses(harbour.pk) == 30_000
    assert analyse("quay", 20_001, pull_request=True).status_code == 402


def test_a_public_project_is_free(analyse, harbour):
    repository = RepositoryFactory(binding__organization=harbour, is_public=True)
    ProjectFactory(organization=harbour, key="site", repository=repository)

    assert analyse("site", 9_000_000).json()["used"] == 30_000


def test_a_project_whose_code_nobody_can_look_at_counts(analyse, harbour):
    ProjectFactory(organization=harbour, key="sketch", repository=None)

    assert analyse("sketch", 20_001).status_code == 402
    assert analyse("sketch", 20_000).json()["used"] == 50_000


def test_a_count_takes_the_place_of_what_was_said(analyse, harbour):
    analyse("quay", 20_000)

    quay = Project.objects.get(key="quay")
    SizeFactory(project=quay, loc=12_345, counted_at=timezone.now() + timedelta(seconds=1))

    assert lines_with_analyses(harbour.pk) == usage_of(harbour.pk).loc == 42_345


@pytest.mark.parametrize(
    ("age", "counted", "left"),
    [
        (KEPT + timedelta(hours=1), timedelta(), 0),
        (KEPT - timedelta(hours=1), timedelta(), 1),
        # It counts still, however old it is.
        (KEPT + timedelta(hours=1), KEPT + timedelta(hours=2), 1),
        (KEPT + timedelta(hours=1), None, 1),
    ],
)
def test_what_was_counted_since_is_forgotten_after_a_month(harbour, age, counted, left):
    now, quay = timezone.now(), Project.objects.get(key="quay")
    Analysis.objects.create(project=quay, branch="main", loc=20_000, at=now - age)
    if counted is not None:
        SizeFactory(project=quay, loc=12_345, counted_at=now - counted)
    before = lines_with_analyses(harbour.pk)

    assert forget_counted_analyses() == 1 - left

    assert Analysis.objects.count() == left
    assert lines_with_analyses(harbour.pk) == before


def test_an_overdue_payment_admits_nothing_new(analyse, harbour):
    SubscriptionFactory(account__organization=harbour, status="unpaid")

    response = analyse("crane", 10)

    assert response.status_code == 402
    assert response.json()["code"] == "payment-overdue"


def test_where_nothing_is_sold_everything_is_admitted(analyse, settings):
    settings.BILLING = False

    assert analyse("quay", 900_000_000).json()["limit"] is None


@pytest.mark.parametrize("wrong", [{"loc": -1}, {"loc": "many"}, {"loc": 10**13}, {"branch": ""}])
def test_nonsense_is_refused_in_place(analyse, wrong):
    response = analyse("quay", **{"loc": 5, "branch": "main"} | wrong)

    assert response.status_code == 422
    assert lines_with_analyses(Project.objects.get(key="quay").organization_id) == 30_000


def test_members_analyse_too(program_of, bob, harbour):
    Membership.objects.create(organization=harbour, user=bob)

    response = program_of(bob, scopes=ANALYSES).post(
        ADDRESS.format("quay"), {"branch": "main", "loc": 1}, content_type="application/json"
    )

    assert response.status_code == 201


def test_the_same_call_sent_again_is_answered_as_before(harbour, client, alice):
    _, secret = issue_api_token(alice, name="Scanner", scopes=ANALYSES)
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "build-7"}
    sent = {"branch": "main", "loc": 20_000}

    first, second = (
        client.post(ADDRESS.format("quay"), sent, content_type="application/json", headers=headers)
        for _ in range(2)
    )

    assert first.json() == second.json()
    assert second["Idempotency-Replayed"] == "true"


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_at_the_limit_exactly_as_many_as_fit_are_admitted(alice):
    harbour = OrganizationFactory(key="harbour", owner=alice)
    projects = ProjectFactory.create_batch(8, organization=harbour)

    def analyse(project):
        return lambda: admit_analysis(project, branch="main", loc=12_000).used

    ends = meet(*map(analyse, projects))

    assert sorted(map(str, ends)) == sorted(
        ["12000", "24000", "36000", "48000", *[LocLimitReached.code] * 4]
    )
    assert lines_with_analyses(harbour.pk) == 48_000
