"""What a push may bring: new branches, odd content, and things that are refused."""

import io
import os
import subprocess
import zipfile

import pytest
from dulwich.objects import Blob

from tests.sandbox.client import SUPPRESS
from tests.sandbox.pushing import NO_COMMIT, commit_of, program, push, tag_of, tree_of

NEW_IDEAS = "/contoso/Quayside/_git/new-ideas"
NEW_IDEAS_API = "/contoso/Quayside/_apis/git/repositories/new-ideas"
BERTHS = "/contoso/Quayside/_git/berth-planner"
BERTHS_API = "/contoso/Quayside/_apis/git/repositories/berth-planner"


@pytest.fixture
def pushed(ask):
    """Push objects to an empty repository, the first of them as its main branch."""

    def push_objects(*objects):
        answer = push(ask, NEW_IDEAS, [("refs/heads/main", NO_COMMIT, objects[0].id)], objects)
        assert b"ok refs/heads/main" in answer.body

    return push_objects


def git(*arguments, cwd=None):
    environment = os.environ | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environment |= {"GIT_TERMINAL_PROMPT": "0"}
    who = ["-c", "user.name=Works", "-c", "user.email=works@example.com"]
    return subprocess.run(
        ["git", *who, *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )


def with_password(sandbox, label, path):
    return sandbox.url.replace("://", f"://works:{sandbox.token(label)}@") + path


def names_in(answer):
    assert answer.status == 200
    return zipfile.ZipFile(io.BytesIO(answer.body)).namelist()


@pytest.mark.parametrize(
    ("name", "word"),
    [
        (b"refs/heads/caf\xe9", b"invalidRefName"),
        (b"refs/heads/main/x", b"refNameConflict"),
        (b"refs/heads", b"invalidRefName"),
        (b"refs/heads/a..b", b"funny refname"),
        (b"HEAD", b"funny refname"),
    ],
)
def test_a_name_that_may_not_be_is_refused_at_the_push(ask, name, word):
    main = ask("healthy", f"{BERTHS_API}/refs?filter=heads/main").value[0]["objectId"]

    answer = push(ask, BERTHS, [(name, NO_COMMIT, main)])

    assert answer.status == 200
    assert b"ng " + name + b" " + word in answer.body
    refs = ask("healthy", f"{BERTHS_API}/refs").names
    assert refs == ["refs/heads/feature/pilots", "refs/heads/main"]
    assert ask("healthy", "/contoso/_apis/git/repositories").status == 200


def test_a_branch_is_at_a_commit_and_a_push_from_an_old_one_is_refused(ask):
    blob = Blob.from_string(b"x")
    commit, *rest = program()
    stale = push(ask, BERTHS, [("refs/heads/main", NO_COMMIT, commit.id)], [commit, *rest])

    no_commit = push(ask, BERTHS, [("refs/heads/blob", NO_COMMIT, blob.id)], [blob])

    assert b"ng refs/heads/blob unresolvableToCommit" in no_commit.body
    assert b"ng refs/heads/main staleOldObjectId" in stale.body


def test_what_is_no_push_is_400(ask):
    headers = {"Content-Type": "application/x-git-receive-pack-request"}

    answer = ask("healthy", f"{BERTHS}/git-receive-pack", method="POST", body=b"", headers=headers)

    assert (answer.status, answer.headers.get_content_type()) == (400, "text/plain")


@pytest.mark.parametrize("service", ["git-archive", "%C3%A9", "%FF"])
def test_no_other_service_of_git_is_served(ask, service):
    assert ask("healthy", f"{BERTHS}/info/refs?service={service}").status == 403


def test_a_submodule_is_left_out(ask, pushed):
    blob = Blob.from_string(b"x = 1\n")
    tree = tree_of((b"a.py", 0o100644, blob), (b"lib", 0o160000, b"1" * 40))

    pushed(commit_of(tree), tree, blob)

    assert names_in(ask("healthy", f"{NEW_IDEAS_API}/items?$format=zip")) == ["a.py"]
    assert ask("healthy", f"{NEW_IDEAS_API}/items?path=lib").status == 404
    assert ask(None, NEW_IDEAS, headers={}).status == 200


def test_a_file_name_of_another_age_is_readable(ask, pushed):
    pushed(*program(name=b"caf\xe9.go"))

    rows = ask("healthy", f"{NEW_IDEAS_API}/items?recursionLevel=full").value

    assert [row["path"] for row in rows] == ["/caf\ufffd.go"]
    assert names_in(ask("healthy", f"{NEW_IDEAS_API}/items?$format=zip")) == ["caf\ufffd.go"]
    assert "caf\ufffd.go" in ask(None, NEW_IDEAS, headers={}).text


def test_a_message_of_another_age_is_readable(ask, pushed):
    pushed(*program(message=b"Caf\xe9\n"))

    [row] = ask("healthy", f"{NEW_IDEAS_API}/stats/branches").value

    assert row["commit"]["comment"] == "Caf\ufffd"


def test_a_tag_is_peeled(ask, pushed):
    commit, *rest = program()
    tag = tag_of(commit)
    pushed(commit, *rest)
    push(ask, NEW_IDEAS, [("refs/tags/v1", NO_COMMIT, tag.id)], [tag])

    bare = ask("healthy", f"{NEW_IDEAS_API}/refs?filter=tags/").value[0]
    _, peeled = ask("healthy", f"{NEW_IDEAS_API}/refs?peelTags=true").value

    assert "peeledObjectId" not in bare
    assert (peeled["objectId"], peeled["peeledObjectId"]) == (tag.id.decode(), commit.id.decode())
    version = "versionDescriptor[version]=v1&versionDescriptor[versionType]=tag"
    assert names_in(ask("healthy", f"{NEW_IDEAS_API}/items?$format=zip&{version}")) == ["main.go"]
    assert ask("healthy", f"{NEW_IDEAS_API}/stats/branches").json["count"] == 1
    page = ask(None, NEW_IDEAS, headers={})
    assert page.status == 200
    assert "v1" not in page.text


def test_the_first_branch_is_the_default_one(ask):
    commit, *rest = program()
    commands = [(f"refs/heads/{name}", NO_COMMIT, commit.id) for name in ("trunk", "work")]

    push(ask, NEW_IDEAS, commands, [commit, *rest])

    assert ask("healthy", NEW_IDEAS_API).json["defaultBranch"] == "refs/heads/trunk"
    assert names_in(ask("healthy", f"{NEW_IDEAS_API}/items?$format=zip")) == ["main.go"]
    advertised = ask("healthy", f"{NEW_IDEAS}/info/refs?service=git-upload-pack", headers={})
    assert b"symref=HEAD:refs/heads/trunk" in advertised.body


def test_a_tag_alone_makes_no_default_branch(ask):
    commit, *rest = program()

    push(ask, NEW_IDEAS, [("refs/tags/v1", NO_COMMIT, commit.id)], [commit, *rest])

    assert "defaultBranch" not in ask("healthy", NEW_IDEAS_API).json


def test_a_deleted_default_branch_is_not_named(ask):
    main = ask("healthy", f"{BERTHS_API}/refs?filter=heads/main").value[0]["objectId"]
    body = [{"name": "refs/heads/main", "oldObjectId": main, "newObjectId": NO_COMMIT}]

    ask("healthy", f"{BERTHS_API}/refs", method="POST", body=body)

    assert "defaultBranch" not in ask("healthy", BERTHS_API).json
    assert ask(None, BERTHS, headers={}).status == 200


def test_modes_are_kept_for_unix(ask, pushed):
    pushed(*program(mode=0o100755))
    path = f"{NEW_IDEAS_API}/items?$format=zip"

    answers = [ask("healthy", path), ask("healthy", f"{path}&zipForUnix=true")]

    modes = [zipfile.ZipFile(io.BytesIO(each.body)).infolist()[0].external_attr for each in answers]
    assert modes == [0x20, 0o100755 << 16]


def test_git_pushes_from_a_shallow_clone(ask, sandbox, tmp_path):
    url = with_password(sandbox, "healthy", BERTHS)
    cloned = git("clone", "--quiet", "--depth", "1", url, str(tmp_path / "clone"))
    assert cloned.returncode == 0, cloned.stderr
    (tmp_path / "clone" / "new.py").write_text("x = 1\n")
    git("add", ".", cwd=tmp_path / "clone")
    git("commit", "--quiet", "-m", "Add a file", cwd=tmp_path / "clone")

    result = git("push", "origin", "HEAD:main", cwd=tmp_path / "clone")

    assert result.returncode == 0, result.stderr
    assert ask("healthy", f"{BERTHS_API}/items?path=new.py").text == "x = 1\n"


def test_git_says_why_a_reader_may_not_push(sandbox, tmp_path):
    url = with_password(sandbox, "no-contribute", BERTHS)
    git("clone", "--quiet", url, str(tmp_path / "clone"))

    result = git("push", "origin", "HEAD:refs/heads/mine", cwd=tmp_path / "clone")

    assert result.returncode != 0
    assert "TF401027: You need the Git 'GenericContribute' permission" in result.stderr


def test_the_refusal_of_a_push_is_framed_as_recorded(ask):
    answer = ask("no-contribute", f"{BERTHS}/info/refs?service=git-receive-pack", headers=SUPPRESS)

    start, message = answer.text.split("00aa")
    assert start == "001f# service=git-receive-pack\n00000000"
    assert len(message) + 4 == 0xAA
    assert message.endswith("\n")
    assert answer.headers.get_content_type() == "text/plain"
