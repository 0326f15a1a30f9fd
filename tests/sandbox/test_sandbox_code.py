"""Branches, files and git itself."""

import io
import urllib.parse
import zipfile

import pytest
from dulwich.client import HttpGitClient
from dulwich.errors import NotGitRepository
from dulwich.repo import MemoryRepo

BERTHS = "/contoso/Quayside/_apis/git/repositories/berth-planner"
NO_COMMIT = "0" * 40


def main_of(ask, repository=BERTHS):
    [ref] = ask("healthy", f"{repository}/refs?filter=heads/main").value
    return ref["objectId"]


def update(ask, label, name, old, new, repository=BERTHS):
    body = [{"name": name, "oldObjectId": old, "newObjectId": new}]
    return ask(label, f"{repository}/refs", method="POST", body=body)


def unzipped(answer):
    return zipfile.ZipFile(io.BytesIO(answer.body))


def fetched(sandbox, label, project, repository):
    url = f"{sandbox.url}/contoso/{urllib.parse.quote(project)}/_git/{repository}"
    client = HttpGitClient(url, username="", password=sandbox.token(label))
    target = MemoryRepo()
    result = client.fetch(urllib.parse.urlsplit(url).path.encode(), target)
    return result.refs, target


def test_refs_are_found_by_prefix(ask):
    every = ask("healthy", f"{BERTHS}/refs").names
    some = ask("healthy", f"{BERTHS}/refs?filter=heads/feat").names

    assert every == ["refs/heads/feature/pilots", "refs/heads/main"]
    assert some == ["refs/heads/feature/pilots"]


def test_refs_page_when_asked_to(ask):
    first = ask("healthy", f"{BERTHS}/refs?filter=heads/&$top=1")
    token = first.headers["x-ms-continuationtoken"]
    second = ask("healthy", f"{BERTHS}/refs?filter=heads/&$top=1&continuationToken={token}")

    assert first.names + second.names == ["refs/heads/feature/pilots", "refs/heads/main"]
    assert second.headers["x-ms-continuationtoken"] is None


def test_an_empty_repository_has_no_refs(ask):
    empty = "/contoso/Quayside/_apis/git/repositories/new-ideas"

    assert ask("healthy", f"{empty}/refs").json == {"count": 0, "value": []}
    assert ask("healthy", f"{empty}/stats/branches").status == 404


def test_a_stale_update_proves_the_scope_and_changes_nothing(ask):
    main = main_of(ask)

    answer = update(ask, "healthy", "refs/heads/main", NO_COMMIT, main)

    [row] = answer.value
    assert (answer.status, row["success"], row["updateStatus"]) == (200, False, "staleOldObjectId")
    assert main_of(ask) == main


def test_a_fresh_update_succeeds(ask):
    main = main_of(ask)

    created = update(ask, "healthy", "refs/heads/new", NO_COMMIT, main)
    deleted = update(ask, "healthy", "refs/heads/new", main, NO_COMMIT)

    assert [each.value[0]["updateStatus"] for each in (created, deleted)] == ["succeeded"] * 2
    assert "refs/heads/new" not in ask("healthy", f"{BERTHS}/refs").names


def test_a_write_without_the_scope_is_an_empty_401(ask):
    answer = update(ask, "read-only", "refs/heads/main", NO_COMMIT, main_of(ask))

    assert (answer.status, answer.body) == (401, b"")


def test_a_write_without_the_permission_is_403(ask):
    answer = update(ask, "no-contribute", "refs/heads/main", NO_COMMIT, main_of(ask))

    assert answer.status == 403
    assert answer.json["message"].startswith("TF401027: You need the Git 'GenericContribute'")


def test_a_write_without_the_permission_may_be_refused_by_item(ask):
    main = main_of(ask)

    answer = update(ask, "no-contribute-by-item", "refs/heads/new", NO_COMMIT, main)

    assert answer.value[0]["updateStatus"] == "writePermissionRequired"
    assert "refs/heads/new" not in ask("healthy", f"{BERTHS}/refs").names


@pytest.mark.parametrize("body", [[], {}, [{"name": "refs/heads/main"}], ["main"]])
def test_a_malformed_update_is_400(ask, body):
    assert ask("healthy", f"{BERTHS}/refs", method="POST", body=body).status == 400


def test_only_the_default_branch_is_the_base(ask):
    update(ask, "healthy", "refs/heads/twin", NO_COMMIT, main_of(ask))

    rows = ask("healthy", f"{BERTHS}/stats/branches").value

    assert [row["name"] for row in rows if row["isBaseVersion"]] == ["main"]


def test_branches_are_ahead_and_behind(ask):
    rows = {row["name"]: row for row in ask("healthy", f"{BERTHS}/stats/branches").value}

    assert [name for name, row in rows.items() if row["isBaseVersion"]] == ["main"]
    assert (rows["main"]["aheadCount"], rows["main"]["behindCount"]) == (0, 0)
    pilots = rows["feature/pilots"]
    assert (pilots["aheadCount"], pilots["behindCount"]) == (1, 1)
    assert pilots["commit"]["author"]["email"] == "works@example.com"


def test_a_branch_comes_as_a_zip(ask):
    path = (
        f"{BERTHS}/items?path=/&versionDescriptor.version=feature/pilots"
        "&versionDescriptor.versionType=branch&recursionLevel=full&$format=zip&zipForUnix=true"
        "&download=true"
    )

    answer = ask("read-only", path)

    names = unzipped(answer).namelist()
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Length"] is None
    assert {"README.md", "berths/pilots.py", "vendor/backoff/LICENSE"} <= set(names)


@pytest.mark.parametrize(
    "query",
    [
        "/items?path=/&versionDescriptor[version]=feature/pilots&$format=zip",
        "?versionDescriptor[version]=feature/pilots&versionDescriptor[versionType]=branch&$format=zip",
        "?version=feature/pilots&versionType=Branch&$format=zip",
        "?version={tip}&versionType=commit&$format=zip",
        "?versionDescriptor[version]={tip}&versionDescriptor[versionType]=commit&$format=zip",
    ],
)
def test_a_version_is_asked_for_in_many_ways(ask, query):
    [ref] = ask("healthy", f"{BERTHS}/refs?filter=heads/feature/").value

    answer = ask("healthy", f"{BERTHS}/items" + query.format(tip=ref["objectId"]))

    assert "berths/pilots.py" in unzipped(answer).namelist()


@pytest.mark.parametrize("kind", ["tag", "commit"])
def test_a_version_of_another_kind_is_404(ask, kind):
    answer = ask("healthy", f"{BERTHS}/items?version=main&versionType={kind}")

    assert answer.status == 404
    assert f"<{kind.capitalize()}: main >" in answer.json["message"]


def test_the_default_branch_is_the_default(ask):
    names = unzipped(ask("healthy", f"{BERTHS}/items?$format=zip")).namelist()

    assert "berths/schedule.py" in names
    assert "berths/pilots.py" not in names


def test_a_tree_comes_as_a_zip(ask):
    answer = ask("healthy", f"{BERTHS}/trees/{main_of(ask)}?$format=zip")

    assert "berths/schedule.py" in unzipped(answer).namelist()


def test_one_file_and_a_list_of_files(ask):
    body = ask("healthy", f"{BERTHS}/items?path=/pyproject.toml").text
    rows = ask("healthy", f"{BERTHS}/items?scopePath=/tests&recursionLevel=full").value

    assert 'name = "berth-planner"' in body
    assert [row["path"] for row in rows] == ["/tests/test_schedule.py", "/tests/test_tides.py"]


def test_a_branch_that_is_not_there_is_404(ask):
    answer = ask("healthy", f"{BERTHS}/items?$format=zip&versionDescriptor.version=nowhere")

    assert answer.status == 404
    assert answer.json["typeKey"] == "GitUnresolvableToCommitException"


@pytest.mark.parametrize(("repository", "status"), [("retired-simulator", 404), ("yard-maps", 503)])
def test_disabled_and_locked_repositories_have_no_content(ask, repository, status):
    path = f"/contoso/Crane%20Operations/_apis/git/repositories/{repository}/items?$format=zip"

    assert ask("healthy", path).status == status


def test_commit_ids_are_the_same_everywhere(ask):
    path = "/fabrikam/Harbor/_apis/git/repositories/berth-planner/refs?filter=heads/main"

    [elsewhere] = ask("fabrikam", path).value

    assert elsewhere["objectId"] == main_of(ask)


def test_git_fetches_what_the_api_names(ask, sandbox):
    refs, target = fetched(sandbox, "read-only", "Quayside", "berth-planner")

    assert refs[b"refs/heads/main"].decode() == main_of(ask)
    assert refs[b"refs/heads/main"] in target.object_store


def test_git_finds_nothing_it_may_not_read(sandbox):
    with pytest.raises(NotGitRepository):
        fetched(sandbox, "stakeholder", "Quayside", "berth-planner")


def test_git_without_a_token_is_401_with_the_way_to_sign_in(ask):
    answer = ask(None, "/fabrikam/Harbor/_git/berth-planner/info/refs", headers={})

    assert answer.status == 401
    assert answer.headers["X-VSS-AuthorizationEndpoint"].endswith("/vssps/fabrikam/")
    assert answer.headers["X-VSS-ResourceTenant"]
    assert "TF400813" in answer.headers["X-TFS-ServiceError"]


def test_a_reader_is_told_so_before_pushing(ask):
    path = "/contoso/Quayside/_git/berth-planner/info/refs?service=git-receive-pack"

    refused, allowed = ask("no-contribute", path), ask("healthy", path)

    assert refused.status == 403
    assert refused.text.startswith("001f# service=git-receive-pack\n00000000")
    assert "TF401027: You need the Git 'GenericContribute' permission" in refused.text
    assert allowed.status == 200


def test_a_push_needs_the_scope(ask):
    path = "/contoso/Quayside/_git/berth-planner/git-receive-pack"

    answer = ask("read-only", path, method="POST", body=b"0000")

    assert (answer.status, answer.body) == (401, b"")


def test_code_changes_when_a_test_commits(ask, sandbox):
    before = main_of(ask)

    after = sandbox.commit("contoso", "berth-planner", {"new.py": "x = 1\n"})

    assert main_of(ask) == after != before
    assert ask("healthy", f"{BERTHS}/items?path=new.py").text == "x = 1\n"
    assert ask("healthy", f"{BERTHS}/items?path=README.md").status == 200


def test_repositories_come_and_go(ask, sandbox):
    made = sandbox.add_repository("contoso", "Quayside", "logs", {"a.go": "package a\n"})
    sandbox.rename_repository("contoso", "logs", "logbook")
    listed = "/contoso/Quayside/_apis/git/repositories"

    rows = {row["name"]: row for row in ask("healthy", listed).value}
    assert (rows["logbook"]["id"], rows["logbook"]["size"] > 0) == (made, True)
    sandbox.remove_repository("contoso", "logbook")
    assert "logbook" not in ask("healthy", listed).names


def test_every_one_of_a_thousand_has_code_of_its_own(ask):
    path = "/thousand/_apis/git/repositories/cargo-{}/items?path=cargo.py"

    first, last = (ask("thousand", path.format(n)).text for n in ("0001", "1000"))

    assert first != last
    assert first.startswith('"""The manifest of cargo 0."""')


def test_pushes_come_newest_first_and_in_pages(ask, sandbox):
    sandbox.commit("contoso", "berth-planner", {"new.py": "x = 1\n"}, branch="feature/newest")

    every = ask("healthy", f"{BERTHS}/pushes").value
    newest = ask("healthy", f"{BERTHS}/pushes?$top=1").json
    next_one = ask("healthy", f"{BERTHS}/pushes?$top=1&$skip=1").value

    assert newest == {"count": 1, "value": every[:1]}
    assert next_one == every[1:2]
    assert [each["pushId"] for each in every] == list(range(len(every), 0, -1))
    dates = [each["date"] for each in every]
    assert dates == sorted(dates, reverse=True) and dates[0] > dates[1]
    assert every[0]["repository"]["name"] == "berth-planner"


def test_nothing_pushed_is_an_empty_list(ask):
    empty = "/contoso/Quayside/_apis/git/repositories/new-ideas"

    assert ask("healthy", f"{empty}/pushes?$top=1").json == {"count": 0, "value": []}


@pytest.mark.parametrize(
    ("label", "status"), [("no-code-scope", 401), ("stakeholder", 404), (None, 401)]
)
def test_pushes_are_for_those_who_may_read_code(ask, label, status):
    assert ask(label, f"{BERTHS}/pushes").status == status


@pytest.mark.parametrize(("repository", "status"), [("retired-simulator", 404), ("yard-maps", 503)])
def test_disabled_and_locked_repositories_tell_no_pushes(ask, repository, status):
    place = f"/contoso/Crane%20Operations/_apis/git/repositories/{repository}/pushes"

    assert ask("healthy", place).status == status
