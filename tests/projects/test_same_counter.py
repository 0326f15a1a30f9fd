"""Whatever an organization holds: what was estimated is what is in use, and neither is guessed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bindings.inventory import repository_row, store_repositories
from bindings.platforms import open_azure
from projects import estimating
from projects.adding import add_projects
from projects.models import ProjectSize
from projects.progress import progress_of
from projects.tasks import sweep_projects
from projects.usage import usage_of
from tests.factories import BindingFactory, OrganizationFactory, TokenFactory

pytestmark = pytest.mark.django_db(transaction=True)

# Places that count, and places that don't.
PATHS = ["app.py", "lib/tool.py", "web/view.ts", "tests/test_app.py", "vendor/a.py", "notes.md"]
FILES = st.dictionaries(st.sampled_from(PATHS), st.integers(0, 30), min_size=1, max_size=4)
BRANCHES = st.dictionaries(st.sampled_from(["work", "feature/x", "old"]), FILES, max_size=2)
REPOSITORIES = st.lists(st.tuples(FILES, BRANCHES), min_size=1, max_size=4)


def code(files):
    return {path: "".join(f"line = {n}\n" for n in range(lines)) for path, lines in files.items()}


def counted(files):
    """By hand: the lines of the files that are no tests, no library and no prose."""
    return sum(lines for path, lines in files.items() if PATHS.index(path) < 3)


def expected(main, branches):
    """The largest branch, each being what is on main with its own files over it."""
    return max(counted(main), *(counted(main | files) for files in branches.values()), 0)


@pytest.fixture
def built(sandbox):
    """`built(repositories)`: an organization of these, there and here."""

    def build(name, repositories):
        sandbox.add_organization(name, repositories=0)
        for number, (main, branches) in enumerate(repositories):
            sandbox.add_repository(name, "Dock 001", f"r{number}", code(main))
            for branch, files in branches.items():
                sandbox.commit(name, f"r{number}", code(main | files) | {"new.md": "x\n"}, branch)
        return open_azure(name, sandbox.issue_token(name))

    return build


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(repositories=REPOSITORIES)
def test_what_is_estimated_is_what_is_in_use(sandbox, alice, counting, built, repositories):
    name = f"org-{timezone.now().timestamp():.6f}".replace(".", "-")
    platform = built(name, repositories)
    rows = [repository_row(each) for each in platform.inventory().repositories]
    by_hand = sum(expected(main, branches) for main, branches in repositories)

    estimate = estimating.start_estimate(rows)
    while estimating.count_next(estimate.pk, lambda question: question(platform)):
        pass
    organization = bound(sandbox, alice, name, rows)
    ProjectSize.objects.update(next_count_at=timezone.now() - timedelta(minutes=1))
    sweep_projects()
    counting.work()

    assert progress_of(estimate).loc == by_hand
    assert usage_of(organization.pk).loc == by_hand


def bound(sandbox, owner, name, rows):
    organization = OrganizationFactory(owner=owner)
    binding = BindingFactory(
        organization=organization, external_name=name, external_id=sandbox.instance_id(name)
    )
    TokenFactory(binding=binding, secret=sandbox.issue_token(name), verdict="healthy")
    store_repositories(binding, rows)
    add_projects(organization, set(binding.repositories.values_list("pk", flat=True)), by=owner)
    return organization
