"""Zips that are refused, broken or as large as one likes, and code that trips up its reader."""

import io
import stat
import subprocess
import urllib.error
import zipfile
from http.client import IncompleteRead

import pytest

from sandbox.testing import ArchiveFault, Executable, Link, Submodule
from tests.sandbox.client import SUPPRESS

TIDES = "/contoso/Open%20Charts/_apis/git/repositories/tide-gauge"
ZIP = "/items?path=/&$format=zip&zipForUnix=true"
CURIOS = "/oddments/Curios/_apis/git/repositories/one%20of%20everything"


def unzipped(answer):
    return zipfile.ZipFile(io.BytesIO(answer.body))


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        (ArchiveFault.FORBIDDEN, 403, "application/json"),
        (ArchiveFault.NOT_FOUND, 404, "application/json"),
        (ArchiveFault.BAD_REQUEST, 400, "application/json"),
        (ArchiveFault.NOT_ACCEPTABLE, 406, "application/json"),
        (ArchiveFault.HTML, 200, "text/html"),
    ],
)
def test_a_zip_may_be_refused_where_all_else_is_well(ask, sandbox, fault, status, kind):
    sandbox.set_archive_fault("contoso", fault, "tide-gauge")

    answer = ask("healthy", TIDES + ZIP)

    assert (answer.status, answer.headers.get_content_type()) == (status, kind)
    assert ask("healthy", f"{TIDES}/items?path=/README.md").status == 200
    assert ask("healthy", f"{TIDES}/refs").status == 200
    elsewhere = "/contoso/Quayside/_apis/git/repositories/quay-web"
    assert ask("healthy", elsewhere + ZIP).status == 200


def test_all_zips_of_an_organization_may_be_refused_until_a_reset(ask, sandbox):
    sandbox.set_archive_fault("contoso", ArchiveFault.FORBIDDEN)
    assert ask("healthy", TIDES + ZIP).status == 403

    sandbox.reset()
    assert ask("healthy", TIDES + ZIP).status == 200


def test_a_zip_may_break_off(ask, sandbox):
    sandbox.set_archive_fault("contoso", ArchiveFault.BREAKS_OFF)

    with pytest.raises(IncompleteRead) as broken:
        ask("healthy", TIDES + ZIP)

    assert broken.value.partial.startswith(b"PK")


def test_a_zip_may_have_no_end(sandbox):
    sandbox.set_archive_fault("publicworks", ArchiveFault.ENDLESS)
    url = f"{sandbox.url}/publicworks/Lighthouse/_apis/git/repositories/tide-gauge{ZIP}"

    read = 0
    with urllib.request.urlopen(urllib.request.Request(url, headers=SUPPRESS), timeout=5) as answer:
        while read < 40_000_000:
            read += len(answer.read(1_000_000))

    assert ask_health(sandbox) == 200


def ask_health(sandbox):
    with urllib.request.urlopen(f"{sandbox.url}/_sandbox/health", timeout=5) as answer:
        return answer.status


def test_faults_of_zips_are_controlled_over_http(ask):
    put = {"headers": {}, "method": "PUT"}
    patch = {"headers": {}, "method": "PATCH"}
    organization = "/_sandbox/organizations/contoso"

    ask(None, f"{organization}/archive-fault", body={"archive_fault": "FORBIDDEN"}, **put)
    assert ask("healthy", TIDES + ZIP).status == 403
    ask(None, f"{organization}/archive-fault", body={"archive_fault": None}, **put)
    body = {"archive_fault": "NOT_ACCEPTABLE"}
    ask(None, f"{organization}/repositories/tide-gauge", body=body, **patch)
    assert ask("healthy", TIDES + ZIP).status == 406


def test_a_repository_may_have_any_number_of_lines(ask, sandbox):
    made = ask(
        None,
        "/_sandbox/organizations/contoso/repositories",
        method="POST",
        headers={},
        body={"project": "Quayside", "name": "bulk", "generate": {"files": 12, "lines": 1007}},
    ).json
    path = "/contoso/Quayside/_apis/git/repositories/bulk"

    archive = unzipped(ask("healthy", path + ZIP))

    texts = [archive.read(name).decode() for name in archive.namelist()]
    assert archive.testzip() is None
    assert (len(texts), len(set(texts))) == (12, 12)
    assert sum(text.count("\n") for text in texts) == 1007
    lines = [line.strip() for text in texts for line in text.splitlines()]
    assert made["code"] == sum(bool(line) and line[:2] not in ("# ", "//", "--") for line in lines)
    assert ask("healthy", f"{path}/refs?filter=heads/").names == ["refs/heads/main"]
    assert ask("healthy", path + ZIP).body == ask("healthy", path + ZIP).body


@pytest.mark.parametrize("generate", [{"files": 0, "lines": 9}, {"files": 9, "lines": 9}])
def test_what_can_not_be_made_is_refused(ask, generate):
    answer = ask(
        None,
        "/_sandbox/organizations/contoso/repositories",
        method="POST",
        headers={},
        body={"project": "Quayside", "name": "bulk", "generate": generate},
    )

    assert answer.status == 400


def test_oddments_has_one_of_everything(ask):
    archive = unzipped(ask("oddments", CURIOS + ZIP))

    modes = {each.filename: each.external_attr >> 16 for each in archive.infolist()}
    assert stat.S_ISLNK(modes["latest"])
    assert archive.read("latest") == b"docs/Notes of today.md"
    assert modes["bin/measure"] & stat.S_IXUSR
    assert archive.read("data/soundings.bin").startswith(b"version https://git-lfs")
    assert {"docs/Über Kräne.md", "docs/Notes of today.md", ".gitmodules"} <= set(modes)
    assert not any(name.startswith("vendored/") for name in modes)


def test_kinds_of_files_outlive_a_commit(ask, sandbox):
    files = {"run": Executable(b"#!/bin/sh\n"), "to": Link(b"run"), "sub": Submodule(b"ab" * 20)}
    sandbox.add_repository("contoso", "Quayside", "kinds", files)
    sandbox.commit("contoso", "kinds", {"more.py": "x = 1\n"})

    archive = unzipped(ask("healthy", "/contoso/Quayside/_apis/git/repositories/kinds" + ZIP))

    modes = {each.filename: each.external_attr >> 16 for each in archive.infolist()}
    assert modes == {"run": 0o100755, "to": 0o120000, "more.py": 0o100644}


def git(*arguments, cwd):
    return subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("branch", ["main", "feature/pilots"])
def test_git_fetches_the_tip_of_a_branch_by_its_id(ask, sandbox, tmp_path, branch):
    refs = ask("healthy", "/contoso/Quayside/_apis/git/repositories/berth-planner/refs").value
    tip = next(ref["objectId"] for ref in refs if ref["name"] == f"refs/heads/{branch}")
    url = sandbox.url.replace("://", f"://any:{sandbox.token('healthy')}@")
    git("init", "--bare", "--quiet", ".", cwd=tmp_path)

    fetched = git(
        "fetch", "--depth=1", f"{url}/contoso/Quayside/_git/berth-planner", tip, cwd=tmp_path
    )

    assert fetched.returncode == 0, fetched.stderr
    assert git("rev-list", "--count", tip, cwd=tmp_path).stdout == "1\n"


def test_git_fetches_an_older_commit_and_none_that_is_nowhere(sandbox, tmp_path):
    older = sandbox.commit("contoso", "berth-planner", {"n": "1"})
    sandbox.commit("contoso", "berth-planner", {"n": "2"})
    url = sandbox.url.replace("://", f"://any:{sandbox.token('healthy')}@")
    url += "/contoso/Quayside/_git/berth-planner"
    git("init", "--bare", "--quiet", ".", cwd=tmp_path)

    found, missing = (
        git("fetch", "--depth=1", url, commit, cwd=tmp_path) for commit in (older, "ab" * 20)
    )

    assert found.returncode == 0, found.stderr
    assert git("show", f"{older}:n", cwd=tmp_path).stdout == "1"
    assert missing.returncode == 128
    assert f"TF401035: The object '{'ab' * 20}' does not exist." in missing.stderr


def test_git_fetches_a_submodule_s_place_without_it(sandbox, tmp_path):
    url = sandbox.url.replace("://", f"://any:{sandbox.token('oddments')}@")

    cloned = git(
        "clone", "--bare", f"{url}/oddments/Curios/_git/one%20of%20everything", ".", cwd=tmp_path
    )

    assert cloned.returncode == 0, cloned.stderr
    assert "160000 commit" in git("ls-tree", "-r", "HEAD", cwd=tmp_path).stdout


def test_a_few_of_a_thousand_have_a_longer_branch(ask):
    path = "/thousand/_apis/git/repositories/cargo-{:04}/stats/branches"

    rows = {n: ask("thousand", path.format(n)).value for n in (1, 24, 25, 1000)}

    assert {n: len(branches) for n, branches in rows.items()} == {1: 1, 24: 1, 25: 2, 1000: 2}
