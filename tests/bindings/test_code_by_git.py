"""What git does where the zip is refused, and what it leaves behind: nothing."""

import base64
import io
import json
import os
import random
import select
import shutil
import stat
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from bindings.platforms import open_azure
from bindings.providers import azure_git
from bindings.providers.azure_answers import Forbidden, NotVisible
from bindings.providers.base import CodeTooLarge, CommitGone, NoAnswer, NoArchive, Refused, Verdict
from sandbox.testing import ArchiveFault, Fault

LIMIT = 10_000_000
REFUSED = ("archive-403", "archive-404", "archive-400", "archive-406", "archive-html")


@pytest.fixture
def opened(sandbox):
    return lambda label="oddments", name="oddments": open_azure(name, sandbox.token(label))


@pytest.fixture
def repository(opened):
    """`repository("archive-403")`: as the platform lists it."""

    def find(name):
        return next(each for each in opened().inventory().repositories if each.name == name)

    return find


@pytest.fixture
def fetched(opened, repository):
    """`fetched("archive-403")`: the zip of its default branch."""

    def fetch(name, *, limit=LIMIT):
        code, into, found = opened().code, io.BytesIO(b"left over"), repository(name)
        try:
            code.fetch(found, code.heads(found)["main"], into, limit=limit)
        finally:
            fetch.left = into.getvalue()
        assert into.tell() == 0
        return zipfile.ZipFile(into)

    return fetch


@pytest.fixture
def temporary(tmp_path, settings):
    """Where git works."""
    place = tmp_path / "temporary"
    place.mkdir()
    settings.COUNTING_DIR = str(place)
    return place


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """The git that is installed, with what it was told, what it told others, and what it left in
    its folder when it ended: `arguments`, `events` and `folders` in the path that this is.
    """
    place = tmp_path / "watched"
    place.mkdir()
    program = place / "git"
    program.write_text(
        "#!/bin/sh\n"
        f'printf "%s\\n" "$*" >> {place}/arguments\n'
        f'GIT_TRACE2_EVENT={place}/events {shutil.which("git")} "$@"\n'
        "status=$?\n"
        f'echo "$HOME" >> {place}/homes\n'
        f'cp -r "$HOME" {place}/folders-$$\n'
        "exit $status\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")
    return place


@pytest.mark.parametrize("name", REFUSED)
def test_git_fetches_what_the_platform_does_not_pack(fetched, name):
    assert "cmd/tide-gauge/main.go" in fetched(name).namelist()


def test_git_and_the_platform_pack_the_same_files(fetched, sandbox):
    packed = fetched("one of everything")
    sandbox.set_archive_fault("oddments", ArchiveFault.FORBIDDEN)
    by_git = fetched("one of everything")

    files = {name for name in by_git.namelist() if not name.endswith("/")}
    assert files == set(packed.namelist())
    assert all(by_git.read(name) == packed.read(name) for name in files)
    assert packed.read("src/version.py") == b'version = "$Format:%H$"\n'
    for archive in (packed, by_git):
        assert stat.S_ISLNK(archive.getinfo("latest").external_attr >> 16)
        assert archive.getinfo("bin/measure").external_attr >> 16 & stat.S_IXUSR


def test_the_token_is_in_no_argument_and_no_file(fetched, watched, sandbox, temporary):
    fetched("archive-403")

    secret = sandbox.token("oddments")
    forms = [secret.encode(), base64.b64encode(f":{secret}".encode())]
    written = {path: path.read_bytes() for path in watched.rglob("*") if path.is_file()}
    started = [
        " ".join(event["argv"])
        for event in map(json.loads, (watched / "events").read_text().splitlines())
        if "argv" in event
    ]
    assert any("remote-http" in line for line in started)
    assert any(path.suffix == ".pack" for path in written)
    assert str(temporary) in (watched / "homes").read_text()
    assert [path for path, body in written.items() if any(form in body for form in forms)] == []
    assert list(temporary.iterdir()) == []


def test_the_settings_of_whoever_runs_it_are_not_git_s(fetched, monkeypatch, tmp_path):
    (tmp_path / ".gitconfig").write_text('[url "http://127.0.0.1:1/"]\n\tinsteadOf = http://\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_TRACE_CURL", str(tmp_path / "trace"))

    assert "README.md" in fetched("archive-403").namelist()
    assert not (tmp_path / "trace").exists()


def test_too_much_is_neither_packed_nor_kept(fetched, temporary, sandbox, watched):
    noise = random.Random(1).randbytes(2_000_000)
    sandbox.add_repository("oddments", "Curios", "large", {"noise.dat": noise})
    sandbox.set_archive_fault("oddments", ArchiveFault.FORBIDDEN, "large")

    with pytest.raises(CodeTooLarge):
        fetched("large", limit=1_000_000)

    assert fetched.left == b""
    assert "archive" not in (watched / "arguments").read_text()
    assert list(temporary.iterdir()) == []


def test_a_zip_may_be_too_much_where_its_history_was_not(fetched, sandbox):
    same = {f"{number}.txt": random.Random(1).randbytes(90_000) for number in range(9)}
    sandbox.add_repository("oddments", "Curios", "copies", same)
    sandbox.set_archive_fault("oddments", ArchiveFault.FORBIDDEN, "copies")

    with pytest.raises(CodeTooLarge):
        fetched("copies", limit=300_000)

    assert fetched.left == b""


@pytest.fixture
def without_git(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))


def test_without_git_it_is_said_what_is_missing(fetched, without_git):
    with pytest.raises(NoArchive, match="git is not installed"):
        fetched("archive-403")


def test_without_git_a_branch_that_moved_is_not_called_refused(opened, repository, without_git):
    with pytest.raises(CommitGone):
        opened().code.fetch(repository("archive-404"), "a" * 40, io.BytesIO(), limit=LIMIT)


def test_a_repository_that_is_gone_is_no_matter_for_git(opened, repository, sandbox, watched):
    found = repository("archive-403")
    sandbox.remove_repository("oddments", "archive-403")

    with pytest.raises(NoAnswer):
        opened().code.fetch(found, "a" * 40, io.BytesIO(), limit=LIMIT)

    assert not (watched / "arguments").exists()


def test_a_commit_that_is_gone_is_said_to_be(opened, repository):
    with pytest.raises(CommitGone):
        opened().code.fetch(repository("archive-404"), "a" * 40, io.BytesIO(), limit=LIMIT)


def test_what_is_not_a_commit_is_never_asked_for(opened, repository):
    with pytest.raises(ValueError, match="commit"):
        opened().code.fetch(repository("archive-404"), "--upload-pack=x", io.BytesIO(), limit=9)


@pytest.fixture
def remote(sandbox):
    """`remote("archive-403", token)`: what git is given."""

    def of(name, secret=None):
        project, found = sandbox.repository("oddments", name)
        credentials = base64.b64encode(f":{secret or sandbox.token('oddments')}".encode()).decode()
        url = f"{sandbox.url}/oddments/{project.id}/_git/{found.id}"
        return azure_git.Remote(url, f"Basic {credentials}")

    return of


def fetch_directly(remote, commit="a" * 40):
    azure_git.fetch_archive(remote, commit, "", io.BytesIO(), limit=LIMIT)


def test_a_token_that_git_is_refused_with_is_paired(remote):
    with pytest.raises(Refused) as refusal:
        fetch_directly(remote("archive-403", secret="nobody knows this one"))

    assert refusal.value.verdict == Verdict.MISSING_SCOPE


def test_a_branch_may_have_moved_on(remote, sandbox):
    commits = [sandbox.commit("oddments", "archive-403", {"n": f"{n}"}) for n in range(2)]
    into = io.BytesIO()

    azure_git.fetch_archive(remote("archive-403"), commits[0], "", into, limit=LIMIT)

    assert zipfile.ZipFile(into).read("n") == b"0"


def test_the_branch_is_fetched_where_an_id_is_not_enough(remote, sandbox, watched):
    newest = sandbox.commit("oddments", "archive-403", {"n": "1"})
    real = f'exec {watched}/watching "$@"'
    (watched / "git").rename(watched / "watching")
    refusal = "fatal: remote error: upload-pack: not our ref"
    (watched / "git").write_text(
        f'#!/bin/sh\ncase "$*" in fetch*{newest}) echo "{refusal}" >&2; exit 128;; esac\n{real}\n'
    )
    (watched / "git").chmod(0o755)
    into = io.BytesIO()

    azure_git.fetch_archive(remote("archive-403"), newest, "main", into, limit=LIMIT)

    assert zipfile.ZipFile(into).read("n") == b"1"
    assert "refs/heads/main" in (watched / "arguments").read_text()


@pytest.mark.parametrize("branch", ["main", "gone", ""])
def test_another_commit_is_not_taken_for_the_one_asked_for(remote, branch):
    into = io.BytesIO()

    with pytest.raises(CommitGone):
        azure_git.fetch_archive(remote("archive-403"), "ab" * 20, branch, into, limit=LIMIT)

    assert into.getvalue() == b""


def test_git_may_be_refused_as_everything_else(remote, sandbox):
    sandbox.set_fault("oddments", Fault.CONDITIONAL_ACCESS)

    with pytest.raises(Forbidden):
        fetch_directly(remote("archive-403"))


def test_what_git_can_not_see_is_absent_or_hidden(remote, sandbox):
    found = remote("archive-403")
    sandbox.remove_repository("oddments", "archive-403")

    with pytest.raises(NotVisible):
        fetch_directly(found)


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [(Fault.OUTAGE, Verdict.UNAVAILABLE), (Fault.THROTTLED, Verdict.THROTTLED)],
)
def test_trouble_of_the_platform_is_no_verdict(remote, sandbox, fault, verdict):
    sandbox.set_fault("oddments", fault)

    with pytest.raises(NoAnswer) as silence:
        fetch_directly(remote("archive-403"))

    assert silence.value.verdict == verdict


def test_only_http_is_spoken(tmp_path):
    with pytest.raises(NoAnswer):
        fetch_directly(azure_git.Remote(f"file://{tmp_path}", "Basic none"))


def test_git_is_not_waited_for_without_end(remote, sandbox, monkeypatch):
    monkeypatch.setattr(azure_git, "LONGEST_TRANSFER", 0.4)
    sandbox.set_latency(6)
    began = time.monotonic()

    with pytest.raises(NoAnswer) as silence:
        fetch_directly(remote("archive-403"))

    assert silence.value.verdict == Verdict.UNAVAILABLE
    assert time.monotonic() - began < 5
    assert not any(sandbox.url.encode() in line for line in command_lines())


def command_lines():
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield path.read_bytes()


def test_what_git_has_started_ends_with_it(tmp_path, monkeypatch):
    program, alive = tmp_path / "git", tmp_path / "alive"
    program.write_text(f"#!/bin/sh\nexec 9>{alive}\nsleep 7777 >/dev/null 2>&1 &\n")
    program.chmod(0o755)
    os.mkfifo(alive)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    listener = select.poll()

    with open(os.open(alive, os.O_RDONLY | os.O_NONBLOCK)) as end:
        listener.register(end, select.POLLHUP)
        azure_git.Git(tmp_path, limit=LIMIT, until=time.monotonic() + 60).run("init")

        # In milliseconds. Whoever holds the other end has to be gone.
        assert listener.poll(10_000)


def test_a_large_file_passes_through_git_in_pieces(tmp_path, monkeypatch):
    program, said = tmp_path / "git", tmp_path / "said"
    program.write_text(f"#!/bin/sh\nenv >{said}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    azure_git.Git(tmp_path, limit=LIMIT, until=time.monotonic() + 60).run("archive")

    assert "=core.bigFileThreshold\n" in said.read_text()


def test_what_git_says_is_logged_without_credentials(remote, caplog, sandbox):
    with pytest.raises(NoAnswer):
        secret = sandbox.token("oddments")
        fetch_directly(azure_git.Remote(f"http://u:{secret}@127.0.0.1:1/x", "Basic none"))

    assert "git_failed" in caplog.text
    assert secret not in caplog.text
