"""The code in a repository: its branches, and the zip of a commit."""

import io
import zipfile

import pytest

from bindings.platforms import open_azure
from bindings.providers.base import CodeTooLarge, NoAnswer, Refused, Verdict

LIMIT = 10_000_000


@pytest.fixture
def opened(sandbox):
    def open_(label="healthy", organization="contoso", **how):
        return open_azure(organization, sandbox.token(label), **how)

    return open_


@pytest.fixture
def repository(opened):
    """`repository("quay-web")`: as the platform lists it."""

    def find(name="berth-planner", provider=None):
        listed = (provider or opened()).inventory().repositories
        return next(each for each in listed if each.name == name)

    return find


def names_in(file):
    with zipfile.ZipFile(file) as archive:
        return set(archive.namelist())


def test_heads_are_all_branches_and_their_commits(opened, repository, sandbox):
    commit = sandbox.commit("contoso", "berth-planner", {"new.py": "x = 1\n"}, branch="fix/tides")

    heads = opened().code.heads(repository())

    assert set(heads) == {"main", "feature/pilots", "fix/tides"}
    assert heads["fix/tides"] == commit


def test_heads_come_in_pages(opened, repository, sandbox, monkeypatch):
    monkeypatch.setattr("bindings.providers.azure_code.PAGE", 2)
    for number in range(4):
        sandbox.commit("contoso", "berth-planner", {"n": f"{number}"}, branch=f"b{number}")

    heads = opened().code.heads(repository())

    assert len(heads) == 6
    assert sum("continuationToken" in request.query for request in sandbox.requests) == 3


def test_side_branches_are_ahead_and_newest_first(opened, repository, sandbox):
    sandbox.commit("contoso", "berth-planner", {"new.py": "x = 1\n"}, branch="newer")

    branches = opened().code.side_branches(repository())

    assert [branch.name for branch in branches] == ["newer", "feature/pilots"]
    assert branches[0].committed_at > branches[1].committed_at


def test_a_repository_without_commits_has_no_branches(opened, repository):
    code = opened().code

    assert code.heads(repository("new-ideas")) == {}
    assert code.side_branches(repository("new-ideas")) == ()


def test_a_commit_comes_as_a_zip(opened, repository):
    code, into = opened().code, io.BytesIO(b"left over")
    pilots = code.heads(repository())["feature/pilots"]

    code.fetch(repository(), pilots, into, limit=LIMIT)

    assert into.tell() == 0
    assert {"README.md", "berths/pilots.py"} <= names_in(into)


def test_a_zip_above_the_limit_is_not_kept(opened, repository):
    code, into = opened().code, io.BytesIO()
    main = code.heads(repository())["main"]

    with pytest.raises(CodeTooLarge) as refusal:
        code.fetch(repository(), main, into, limit=1000)

    assert refusal.value.limit == 1000
    assert into.getvalue() == b""


def test_a_token_without_the_scope_is_said_to_lack_it(opened, repository):
    code, into = opened("no-code-scope").code, io.BytesIO()

    with pytest.raises(Refused) as refusal:
        code.fetch(repository(), "a" * 40, into, limit=LIMIT)

    assert refusal.value.verdict == Verdict.MISSING_SCOPE


def test_an_outage_is_asked_about_again(opened, repository, sandbox):
    code, into, found = opened().code, io.BytesIO(), repository()
    main = code.heads(found)["main"]

    sandbox.fail_next("contoso", 1)
    code.fetch(found, main, into, limit=LIMIT)

    assert "README.md" in names_in(into)


def test_an_outage_that_stays_says_nothing_of_the_token(opened, repository, sandbox):
    code, into, found = opened(patient=False).code, io.BytesIO(), repository()
    main = code.heads(found)["main"]

    sandbox.fail_next("contoso", 1)
    with pytest.raises(NoAnswer) as silence:
        code.fetch(found, main, into, limit=LIMIT)

    assert silence.value.verdict == Verdict.UNAVAILABLE
