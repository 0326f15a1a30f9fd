"""What is counted of one repository where the platform keeps some of it back."""

import time

import httpx2
import pytest

from bindings.inventory import repository_row
from bindings.models import Repository
from bindings.platforms import open_azure
from bindings.providers.base import NoAnswer, Verdict
from projects import code
from projects.code import count_code
from projects.counting import Counter, NotCounted
from projects.skips import Skip
from tests.projects.archives import zip_of


@pytest.fixture
def platform(sandbox):
    return open_azure("contoso", sandbox.token("healthy"), patient=False)


@pytest.fixture
def planner(platform):
    """A repository with a branch beside its default one, where more code is."""
    listed = platform.inventory().repositories
    return Repository(**repository_row(next(r for r in listed if r.name == "berth-planner")))


@pytest.fixture
def counted(platform, planner):
    """`counted(is_last=True)`: of the repository, with an attempt that is the last one."""

    def count(**options):
        return count_code(
            lambda question: question(platform),
            planner,
            own="",
            known=lambda commit: None,
            keep=lambda each: None,
            **options,
        )

    return count


@pytest.fixture
def failing(monkeypatch):
    """`failing("/stats/branches")`: whatever is asked for there is answered with a 503."""
    send = httpx2.HTTPTransport.handle_request

    def fail(where, status=503):
        def answer(transport, request):
            if where in str(request.url):
                return httpx2.Response(status, request=request)
            return send(transport, request)

        monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", answer)

    return fail


def branches(count):
    return [each.branch for each in count.branches]


def test_the_last_attempt_does_without_the_list_of_side_branches(counted, failing):
    failing("/stats/branches")

    with pytest.raises(NoAnswer):
        counted()

    count = counted(is_last=True)
    assert (branches(count), count.uncounted) == (["main"], 1)
    assert count.largest.code > 0


def test_the_last_attempt_does_without_a_side_branch(platform, planner, counted, failing):
    failing(platform.code.heads(planner)["feature/pilots"])

    with pytest.raises(NoAnswer):
        counted()

    count = counted(is_last=True)
    assert (branches(count), count.uncounted) == (["main"], 1)


def test_a_wish_to_wait_says_nothing_of_a_side_branch(counted, failing):
    failing("/stats/branches", 429)

    with pytest.raises(NoAnswer) as silence:
        counted(is_last=True)

    assert silence.value.verdict == Verdict.THROTTLED


def test_the_default_branch_is_never_done_without(platform, planner, counted, failing):
    failing(platform.code.heads(planner)["main"])

    with pytest.raises(NoAnswer):
        counted(is_last=True)


def few_branches(monkeypatch):
    monkeypatch.setattr("bindings.providers.azure_code.PAGE", 1)
    monkeypatch.setattr("bindings.providers.azure_code.MOST_BRANCHES", 2)


def test_the_default_branch_is_found_among_more_than_are_listed(sandbox, monkeypatch, counted):
    for name in ("a", "b", "main-2"):
        sandbox.commit("contoso", "berth-planner", {f"{name}.py": "x = 1\n"}, branch=name)
    few_branches(monkeypatch)

    assert branches(counted())[0] == "main"


def test_no_branch_is_taken_for_the_default_one_out_of_half_a_list(
    sandbox, monkeypatch, planner, counted
):
    planner.default_branch = "refs/heads/gone"
    assert branches(counted())[0] == "feature/pilots"
    for name in ("a", "b"):
        sandbox.commit("contoso", "berth-planner", {f"{name}.py": "x = 1\n"}, branch=name)
    few_branches(monkeypatch)

    with pytest.raises(NoAnswer):
        counted(is_last=True)


def test_everything_about_a_repository_has_one_end(monkeypatch, counted):
    monkeypatch.setattr(code, "TIME_FOR_ALL", 0.0)

    with pytest.raises(NoAnswer):
        counted()


def test_counting_ends_when_it_is_told_to():
    with pytest.raises(NotCounted) as refused:
        Counter(zip_of({"a.py": "x = 1\n"}), until=time.monotonic()).run()

    assert refused.value.reason == Skip.TOOK_TOO_LONG
