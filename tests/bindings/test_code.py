"""The code in a repository: its branches, and the zip of a commit."""

import io
import math
import subprocess
import sys
import tracemalloc
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx2
import pytest

from bindings.inventory import repository_row
from bindings.models import Repository
from bindings.platforms import open_azure
from bindings.providers import azure_http
from bindings.providers.azure_answers import NotVisible
from bindings.providers.base import CodeTooLarge, NoAnswer, NoArchive, Refused, Verdict
from bindings.providers.pouring import pour
from sandbox.testing import ArchiveFault, Fault

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


@pytest.mark.parametrize("cursors", [("a", "a"), ("a", "b", "a", "b")])
def test_a_cursor_that_gets_nowhere_ends_the_list(opened, repository, monkeypatch, cursors):
    code, found, left = opened().code, repository(), list(cursors)
    page = {"value": [{"name": "refs/heads/main", "objectId": "ab" * 20}]}

    def answer(transport, request):
        headers = {"x-ms-continuationtoken": left.pop(0)}
        return httpx2.Response(200, headers=headers, json=page, request=request)

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", answer)

    assert code.heads(found) == {"main": "ab" * 20}


@pytest.mark.parametrize("head", [{"name": "refs/heads/main", "objectId": "--all"}, {}, None])
def test_heads_of_another_shape_are_no_answer(opened, repository, monkeypatch, head):
    code, found = opened().code, repository()

    def answer(transport, request):
        return httpx2.Response(200, json={"value": [head]}, request=request)

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", answer)

    with pytest.raises(NoAnswer) as silence:
        code.heads(found)

    assert silence.value.verdict == Verdict.UNREADABLE_ANSWER


def test_a_repository_that_is_gone_has_no_side_branches_to_tell(opened, repository, sandbox):
    found = repository()
    sandbox.remove_repository("contoso", "berth-planner")

    with pytest.raises(NotVisible):
        opened().code.side_branches(found)


def test_side_branches_are_ahead_and_newest_first(opened, repository, sandbox):
    sandbox.commit("contoso", "berth-planner", {"new.py": "x = 1\n"}, branch="newer")

    branches = opened().code.side_branches(repository())

    assert [branch.name for branch in branches] == ["newer", "feature/pilots"]
    assert branches[0].committed_at > branches[1].committed_at


def test_a_repository_without_commits_has_no_branches(opened, repository):
    code = opened().code

    assert code.heads(repository("new-ideas")) == {}
    assert code.side_branches(repository("new-ideas")) == ()


def test_the_last_push_is_the_newest_of_all_branches(opened, repository, sandbox):
    before = opened().code.last_push(repository())
    sandbox.commit("contoso", "berth-planner", {"new.py": "x = 1\n"}, branch="fix/tides")

    after = opened().code.last_push(repository())

    assert before < after < datetime.now(UTC)
    newest = opened().code.side_branches(repository())[0]
    assert after.date() == newest.committed_at.date()


def test_nobody_pushed_to_an_empty_repository(opened, repository):
    assert opened().code.last_push(repository("new-ideas")) is None


def test_of_a_repository_without_code_to_be_seen_no_push_is_told(opened, repository, sandbox):
    gone, disabled = repository(), repository("retired-simulator")
    sandbox.remove_repository("contoso", "berth-planner")

    for each in (gone, disabled):
        with pytest.raises(NotVisible):
            opened().code.last_push(each)


@pytest.mark.parametrize(
    ("label", "verdict"),
    [("no-code-scope", Verdict.MISSING_SCOPE), ("expired-json", Verdict.TOKEN_EXPIRED)],
)
def test_a_token_that_may_not_read_learns_of_no_push(opened, repository, label, verdict):
    with pytest.raises(Refused) as refusal:
        opened(label).code.last_push(repository())

    assert refusal.value.verdict == verdict


def test_a_wish_for_a_pause_is_heard(opened, repository, sandbox):
    provider, found = opened(), repository()
    assert provider.code.last_push(found) and not provider.heard.wait

    sandbox.set_fault("contoso", Fault.DELAYED)

    assert provider.code.last_push(found) and provider.heard.wait == 1


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.OUTAGE, Fault.TRUNCATED_JSON])
def test_of_a_platform_in_trouble_no_push_is_told(opened, repository, sandbox, fault):
    found = repository()
    sandbox.set_fault("contoso", fault)

    with pytest.raises(NoAnswer):
        opened(patient=False).code.last_push(found)


@pytest.mark.parametrize(
    "told",
    [[{}], [{"date": "yesterday"}], [{"date": "9999-12-31T23:59:59-14:00"}], [None], {"date": 1}],
)
def test_a_push_of_another_shape_is_no_answer(opened, repository, monkeypatch, told):
    code, found = opened().code, repository()

    def answer(transport, request):
        return httpx2.Response(200, json={"value": told}, request=request)

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", answer)

    with pytest.raises(NoAnswer) as silence:
        code.last_push(found)

    assert silence.value.verdict == Verdict.UNREADABLE_ANSWER


def test_a_commit_comes_as_a_zip(opened, repository):
    code, into = opened().code, io.BytesIO(b"left over")
    pilots = code.heads(repository())["feature/pilots"]

    code.fetch(repository(), pilots, into, limit=LIMIT)

    assert into.tell() == 0
    assert {"README.md", "berths/pilots.py"} <= names_in(into)


def test_a_zip_that_dribbles_arrives(opened, repository, sandbox):
    sandbox.set_trickle(0.2)
    provider, into = opened("trickle", "trickle"), io.BytesIO()
    found = repository(provider=provider)

    provider.code.fetch(found, provider.code.heads(found)["main"], into, limit=LIMIT)

    assert "README.md" in names_in(into)


def test_what_is_fetched_for_a_row_is_what_is_fetched_for_the_list(opened, repository):
    listed, code = repository(), opened().code
    row = Repository(**repository_row(listed))

    assert code.heads(row) == code.heads(listed)


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


# What may go wrong with a zip


@pytest.fixture
def refused(opened, sandbox):
    """`refused(fault)`: what is raised, when nothing is left behind."""

    def fetch(fault, *, limit=LIMIT, **how):
        sandbox.set_archive_fault("contoso", fault)
        code, into = opened(**how).code, io.BytesIO(b"left over")
        _, found = sandbox.repository("contoso", "tide-gauge")
        listed = next(r for r in opened().inventory().repositories if r.external_id == found.id)
        head = code.heads(listed)["main"]
        sandbox.requests.clear()
        with pytest.raises(Exception) as raised:
            code.fetch(listed, head, into, limit=limit)
        assert into.getvalue() == b""
        return raised.value

    return fetch


def zips_asked_for(sandbox):
    return sum(request.path.endswith("/items") for request in sandbox.requests)


def test_a_zip_that_breaks_off_is_asked_for_once_more(refused, sandbox):
    silence = refused(ArchiveFault.BREAKS_OFF)

    assert silence.verdict == Verdict.UNAVAILABLE
    assert zips_asked_for(sandbox) == 2


def test_who_can_come_back_asks_once(refused, sandbox):
    silence = refused(ArchiveFault.BREAKS_OFF, patient=False)

    assert silence.verdict == Verdict.UNAVAILABLE
    assert zips_asked_for(sandbox) == 1


def test_a_zip_without_an_end_is_let_go_of(refused, sandbox):
    assert isinstance(refused(ArchiveFault.ENDLESS), CodeTooLarge)
    assert zips_asked_for(sandbox) == 1


def test_a_zip_that_takes_too_long_is_let_go_of(refused, monkeypatch):
    monkeypatch.setattr(azure_http, "LONGEST_TRANSFER", 0.3)

    silence = refused(ArchiveFault.ENDLESS, limit=10**12, patient=False)

    assert silence.verdict == Verdict.UNAVAILABLE


def test_a_page_for_a_zip_is_no_verdict_on_the_token(refused, without_git):
    assert isinstance(refused(ArchiveFault.HTML), NoArchive)


@pytest.fixture
def without_git(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.parametrize("body", [b"", b"PK", b"<html>PK", b"PK\x03\x05rest"])
def test_what_does_not_begin_like_a_zip_is_none(body):
    with pytest.raises(NoAnswer) as silence:
        pour([body[:1], body[1:]], io.BytesIO(), limit=100, until=math.inf)

    assert silence.value.verdict == Verdict.UNREADABLE_ANSWER


def test_half_a_zip_is_kept_by_nobody():
    whole, into = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("a.py", "x = 1\n" * 1000)

    with pytest.raises(NoAnswer) as silence:
        pour([whole.getvalue()[:-30]], into, limit=10**6, until=math.inf)

    assert (silence.value.verdict, into.getvalue()) == (Verdict.UNAVAILABLE, b"")


def test_a_zip_without_files_is_one():
    whole, into = io.BytesIO(), io.BytesIO()
    zipfile.ZipFile(whole, "w").close()

    pour([whole.getvalue()], into, limit=100, until=math.inf)

    assert names_in(into) == set()


@pytest.fixture
def apart(settings):
    """The sandbox in a process of its own, so that what it holds is not ours: its address."""
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--smtp-port", "0"]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE) as process:
        url = process.stdout.readline().decode().split()[1].rstrip("/")
        settings.AZURE_DEVOPS_URL = url
        yield url
        process.terminate()


def test_how_large_it_is_does_not_matter_to_memory(apart, tmp_path):
    wanted = {"files": 10_000, "lines": 46_000_000}
    body = {"project": "Harbor", "name": "bulk", "generate": wanted}
    organization = f"{apart}/_sandbox/organizations/fabrikam"
    httpx2.post(f"{organization}/repositories", json=body).raise_for_status()
    provider = open_azure("fabrikam", httpx2.post(f"{organization}/tokens").json()["token"])
    listed = next(r for r in provider.inventory().repositories if r.name == "bulk")
    head = provider.code.heads(listed)["main"]

    with (tmp_path / "bulk.zip").open("w+b") as into:
        tracemalloc.start()
        provider.code.fetch(listed, head, into, limit=10**9)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert (tmp_path / "bulk.zip").stat().st_size > 200_000_000
    # The answer, and its directory when it is looked whether there is one.
    assert peak < 5_000_000


def test_two_transfers_leave_a_turn_for_questions(opened, sandbox):
    http = opened()._http

    def transfer():
        with http.transfer():
            return "done"

    with ThreadPoolExecutor(1) as pool:
        with http.transfer(), http.transfer():
            third = pool.submit(transfer)
            assert opened().connect().external_id == sandbox.instance_id("contoso")
            assert not third.done()
        assert third.result() == "done"
