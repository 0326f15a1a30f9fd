"""Organizations, projects, repositories, permissions and people: the shapes of the answers."""

import urllib.parse

import pytest

from tests.sandbox.client import ANY_VERSION

WHO = "/contoso/_apis/connectionData"
COLLECTION = "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"
PROJECT = "52d39943-cb85-4d7f-8fa8-c6baac873819"
GIT = "2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87"


def test_connection_data_has_the_recorded_shape(ask, sandbox):
    answer = ask("healthy", WHO, headers=ANY_VERSION)

    body, me = answer.json, answer.json["authenticatedUser"]
    assert body["instanceId"] == sandbox.instance_id("contoso") != body["deploymentId"]
    assert body["authorizedUser"] == me
    assert me["properties"]["Account"]["$value"] == "technical.user@example.com"
    assert me["descriptor"].startswith("Microsoft.IdentityModel.Claims.ClaimsIdentity;")
    assert body["locationServiceData"]["defaultAccessMappingMoniker"] == "PublicAccessMapping"


def test_a_deployment_is_the_one_that_answers(ask):
    here, there = (
        ask(label, f"/{label}/_apis/connectionData", headers=ANY_VERSION)
        for label in ("fabrikam", "windlass")
    )

    assert here.json["deploymentId"] == here.headers["X-VSS-SenderDeploymentId"]
    assert here.json["deploymentId"] == there.json["deploymentId"]
    owner = here.json["locationServiceData"]["serviceOwner"]
    assert owner == "00025394-6065-48ca-87d9-7f5672854ef7"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("", False),
        ("1", False),
        ("2", True),
        ("6", True),
        ("13", False),
        ("includeServices", False),
        ("includeServices,includeLastUserAccess", True),
        ("nonsense", False),
    ],
)
def test_connect_options_are_bits(ask, options, told):
    answer = ask("healthy", f"{WHO}?connectOptions={options}", headers=ANY_VERSION)

    assert ("lastUserAccess" in answer.json) == told


def test_every_answer_carries_the_common_headers(ask):
    session = {"X-TFS-Session": "44c62670-161f-4661-958f-d04232ae6ca4"}

    headers = ask("healthy", WHO, headers=ANY_VERSION | session).headers

    assert headers["X-TFS-Session"] == session["X-TFS-Session"]
    assert headers["ActivityId"] == headers["X-VSS-E2EID"]
    assert headers["X-VSS-UserData"].endswith(":technical.user@example.com")
    assert headers["Cache-Control"] == "no-cache"
    for name in ("X-TFS-ProcessId", "X-VSS-SenderDeploymentId", "P3P"):
        assert headers[name]


@pytest.mark.parametrize(
    ("version", "status", "sign"),
    [
        ("", 200, "instanceId"),
        ("7.1-preview.1", 200, "instanceId"),
        ("7.1-preview", 200, "instanceId"),
        ("7.1", 400, "VssInvalidPreviewVersionException"),
        ("0.0", 404, "<!DOCTYPE html>"),
        ("9.0", 400, "VssVersionOutOfRangeException"),
    ],
)
def test_connection_data_is_in_preview_for_ever(ask, version, status, sign):
    query = f"?api-version={version}" if version else ""

    answer = ask("healthy", WHO + query, headers=ANY_VERSION)

    assert answer.status == status
    assert sign in answer.text


def test_the_version_may_be_in_accept_and_comes_back(ask):
    answer = ask("healthy", "/contoso/_apis/projects")

    assert answer.headers["Content-Type"] == "application/json; charset=utf-8; api-version=7.1"


def test_a_write_needs_a_version(ask):
    path = "/contoso/_apis/security/permissionevaluationbatch"

    answer = ask("healthy", path, method="POST", body={}, headers=ANY_VERSION)

    assert answer.json["typeKey"] == "VssVersionNotSpecifiedException"


def test_names_of_organizations_have_no_case(ask):
    answer = ask("healthy", "/ConToso/_apis/ConnectionData", headers=ANY_VERSION)

    assert answer.status == 200
    assert "/contoso/" in ask("healthy", "/CONTOSO/_apis/projects").value[0]["url"]


def test_routes_can_be_discovered(ask):
    options = ask("healthy", "/contoso/_apis", method="OPTIONS")
    areas = ask("healthy", "/contoso/_apis/ResourceAreas", headers=ANY_VERSION)

    routes = {row["id"]: row for row in options.value}
    assert routes["e81700f7-3be2-46de-8624-2eb35882fcaa"] == {
        "id": "e81700f7-3be2-46de-8624-2eb35882fcaa",
        "area": "Location",
        "resourceName": "ResourceAreas",
        "routeTemplate": "_apis/{resource}/{areaId}",
        "resourceVersion": 1,
        "minVersion": "3.2",
        "maxVersion": "7.2",
        "releasedVersion": "0.0",
    }
    assert routes["2d874a60-a811-4f62-9c9f-963a6ea0a55b"]["resourceVersion"] == 2
    ids = {row["name"]: row["id"] for row in areas.value}
    assert ids["core"] == "79134c72-4a58-4b42-976c-04e7115f32bf"
    one = ask("healthy", f"/contoso/_apis/ResourceAreas/{ids['Graph']}", headers=ANY_VERSION)
    assert one.json["locationUrl"].endswith("/vssps/contoso/")


def test_projects_page_by_header(ask):
    path = "/contoso/_apis/projects?$top=2"

    first = ask("healthy", f"{path}&$skip=0")
    token = first.headers["x-ms-continuationtoken"]
    second = ask("healthy", f"{path}&continuationToken={token}")

    assert (first.json["count"], token) == (2, "2")
    assert second.headers["x-ms-continuationtoken"] is None
    everything = ask("healthy", "/contoso/_apis/projects").names
    assert first.names + second.names == everything
    assert ask("healthy", f"{path}&$skip=2").names == second.names


def test_a_page_of_projects_is_a_hundred(ask):
    first = ask("thousand", "/thousand/_apis/projects")

    assert (first.json["count"], first.headers["x-ms-continuationtoken"]) == (100, "100")


def test_a_project_names_its_collection(ask, sandbox):
    answer = ask("healthy", "/contoso/_apis/projects/Crane%20Operations?includeCapabilities=true")

    collection = answer.json["_links"]["collection"]["href"]
    assert collection.endswith(f"/_apis/projectCollections/{sandbox.instance_id('contoso')}")
    assert answer.json["capabilities"]["versioncontrol"]["sourceControlType"] == "Git"
    team = answer.json["defaultTeam"]
    assert team["id"] != answer.json["id"]
    assert team["url"] == f"{answer.json['url']}/teams/{team['id']}"
    by_id = ask("healthy", f"/contoso/_apis/projects/{answer.json['id']}")
    assert by_id.json["name"] == "Crane Operations"


def test_projects_differ_in_visibility(ask):
    rows = ask("healthy", "/contoso/_apis/projects?stateFilter=all").value

    assert {row["visibility"] for row in rows} == {"private", "public", "organization"}


def test_an_organization_may_be_empty(ask):
    assert ask("empty-harbor", "/empty-harbor/_apis/projects").json == {"count": 0, "value": []}
    assert ask("empty-harbor", "/empty-harbor/_apis/git/repositories").value == []


def test_repositories_are_listed_whole(ask):
    in_organization = ask("healthy", "/contoso/_apis/git/repositories")
    in_project = ask("healthy", "/contoso/Quayside/_apis/git/repositories")

    assert in_organization.json["count"] == 9
    assert in_project.names == ["berth-planner", "quay-web", "new-ideas", "berth-planner-fork"]
    project = in_project.value[0]["project"]["id"]
    assert ask("healthy", f"/contoso/{project}/_apis/git/repositories").body == in_project.body
    assert ask("thousand", "/thousand/_apis/git/repositories").json["count"] == 1000


def test_a_repository_has_the_recorded_shape(ask, sandbox):
    path = "/contoso/Crane%20Operations/_apis/git/repositories/crane-control"

    row = ask("healthy", path).json

    address = sandbox.url.removeprefix("http://")
    assert row["remoteUrl"] == (
        f"http://contoso@{address}/contoso/Crane%20Operations/_git/crane-control"
    )
    assert row["defaultBranch"] == "refs/heads/master"
    assert row["size"] > 1000
    assert (row["isDisabled"], row["isInMaintenance"]) == (False, False)
    assert row["_links"]["refs"]["href"] == f"{row['url']}/refs"


def test_repositories_may_be_empty_disabled_forked_or_locked(ask):
    rows = {row["name"]: row for row in ask("healthy", "/contoso/_apis/git/repositories").value}

    assert rows["new-ideas"]["size"] == 0
    assert "defaultBranch" not in rows["new-ideas"]
    assert rows["retired-simulator"]["isDisabled"]
    assert rows["yard-maps"]["isInMaintenance"]
    assert rows["berth-planner-fork"]["parentRepository"]["name"] == "berth-planner"


def fork_in(answer):
    return next(row for row in answer.value if row["name"] == "berth-planner-fork")


def test_a_fork_outlives_its_parent(ask, sandbox):
    sandbox.remove_repository("contoso", "berth-planner")

    answer = ask("healthy", "/contoso/_apis/git/repositories")

    assert answer.status == 200
    assert fork_in(answer)["isFork"]
    assert "parentRepository" not in fork_in(answer)


def test_a_fork_knows_a_parent_that_was_renamed(ask, sandbox):
    sandbox.rename_repository("contoso", "berth-planner", "quay-planner")

    answer = ask("healthy", "/contoso/_apis/git/repositories")

    assert fork_in(answer)["parentRepository"]["name"] == "quay-planner"


@pytest.mark.parametrize(("label", "expected"), [("healthy", True), ("not-admin", False)])
def test_the_collection_tells_administrators(ask, label, expected):
    path = f"/contoso/_apis/permissions/{COLLECTION}/2?tokens=NAMESPACE:"

    assert ask(label, path).json == {"count": 1, "value": [expected]}


@pytest.mark.parametrize(
    ("label", "expected"),
    [("healthy", [True, True]), ("partial-read", [True, False]), ("sees-nothing", [False, False])],
)
def test_a_project_permits_reading_to_those_who_see_it(ask, label, expected):
    projects = {row["name"]: row["id"] for row in ask("healthy", "/contoso/_apis/projects").value}
    tokens = ",".join(
        f"$PROJECT:vstfs:///Classification/TeamProject/{projects[name]}"
        for name in ("Quayside", "Ledger")
    )
    query = urllib.parse.urlencode({"tokens": tokens})

    assert ask(label, f"/contoso/_apis/permissions/{PROJECT}/1?{query}").value == expected


def test_some_tokens_may_not_ask_for_permissions(ask):
    answer = ask("admin-cannot-ask", f"/contoso/_apis/permissions/{COLLECTION}/2")

    assert (answer.status, answer.body) == (401, b"")


def test_permissions_are_asked_for_many_at_once(ask):
    projects = {row["name"]: row["id"] for row in ask("healthy", "/contoso/_apis/projects").value}
    tokens = [f"repoV2/{projects['Quayside']}", f"repoV2/{projects['Ledger']}"]
    query = urllib.parse.urlencode({"tokens": ",".join(tokens)})

    reading = ask("partial-read", f"/contoso/_apis/permissions/{GIT}/2?{query}")
    writing = ask("no-contribute", f"/contoso/_apis/permissions/{GIT}/4?{query}")

    assert reading.value == [True, False]
    assert writing.value == [False, False]


def test_a_batch_of_permissions_comes_back_with_values(ask):
    asked = {"securityNamespaceId": COLLECTION, "token": "NAMESPACE:", "permissions": 2}

    answer = ask(
        "healthy",
        "/contoso/_apis/security/permissionevaluationbatch",
        method="POST",
        body={"alwaysAllowAdministrators": False, "evaluations": [asked]},
    )

    assert answer.json["evaluations"] == [asked | {"value": True}]


def test_keys_of_a_batch_have_no_case(ask):
    asked = {"securitynamespaceid": COLLECTION, "Token": "NAMESPACE:", "PERMISSIONS": 2}
    body = {"alwaysallowadministrators": True, "Evaluations": [asked]}

    answer = ask(
        "healthy", "/contoso/_apis/security/permissionevaluationbatch", method="POST", body=body
    )

    assert answer.json["alwaysAllowAdministrators"] is True
    assert answer.json["evaluations"][0]["value"] is True


def test_namespaces_have_the_recorded_bits(ask):
    rows = {row["name"]: row for row in ask("healthy", "/contoso/_apis/securitynamespaces").value}

    bits = {each["bit"]: each["name"] for each in rows["Git Repositories"]["actions"]}
    assert (bits[2], bits[4]) == ("GenericRead", "GenericContribute")


def test_entitlements_of_many_members_arrive_in_pages(ask):
    path, token, sizes = "/vsaex/thousand/_apis/userentitlements", "", []

    while token or not sizes:
        page = ask("thousand-with-entitlements", f"{path}?continuationToken={token}").json
        sizes.append(len(page["members"]))
        token = page["continuationToken"]

    assert sizes == [100, 100, 58]
    assert page["totalCount"] == sum(sizes)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/vsaex/contoso/_apis/UserEntitlements"),
        ("PATCH", "/vsaex/contoso/_apis/UserEntitlements/907c5f4d"),
        ("PATCH", "/contoso/_apis/Settings/Entries/host"),
        ("DELETE", "/contoso/_apis/Settings/Entries/host/Banners%2Fone"),
    ],
)
def test_administration_is_not_for_code_tokens(ask, method, path):
    refused, full = (ask(label, path, method=method) for label in ("healthy", "full-access"))

    assert (refused.status, refused.body) == (401, b"")
    assert refused.headers["Content-Type"] is None
    assert full.status == 404


def test_an_entitlement_can_be_asked_for_by_id(ask):
    me = ask("healthy", WHO, headers=ANY_VERSION).json["authenticatedUser"]["id"]

    answer = ask("healthy-with-entitlements", f"/vsaex/contoso/_apis/UserEntitlements/{me}")

    assert answer.json["user"]["principalName"] == "technical.user@example.com"
    assert answer.json["accessLevel"]["licenseDisplayName"] == "Basic"


def test_who_never_came_was_last_seen_in_the_year_one(ask):
    path = "/vsaex/contoso/_apis/userentitlements?$filter=name%20eq%20'newcomer'"

    [member] = ask("healthy-with-entitlements", path).json["members"]

    assert member["lastAccessedDate"] == "0001-01-01T00:00:00Z"
    assert member["accessLevel"]["status"] == "pending"


def test_the_profile_is_served_for_an_organization_only(ask):
    path = "/_apis/profile/profiles/me"

    inside, outside = ask("healthy", f"/vssps/contoso{path}"), ask("healthy", f"/vssps{path}")

    assert inside.json["emailAddress"] == "technical.user@example.com"
    assert (outside.status, outside.body) == (401, b"")


def test_a_global_token_is_known_outside_of_any_organization(ask):
    outside = ask("global", "/vssps/_apis/profile/profiles/me")

    assert outside.json["emailAddress"] == "technical.user@example.com"


def test_no_token_administers_tokens(ask):
    assert ask("full-access", "/vssps/contoso/_apis/tokens/pats").status == 401
    assert ask("full-access", "/vssps/contoso/_apis/graph/users").json["count"] > 5


def test_hooks_can_be_listed_with_code(ask):
    assert ask("read-only", "/contoso/_apis/hooks/subscriptions").value == []
    assert ask("no-code-scope", "/contoso/_apis/hooks/subscriptions").status == 401


def test_personal_accounts_have_no_tenant(ask):
    me = ask("windlass", "/windlass/_apis/connectionData", headers=ANY_VERSION).json
    stranger = ask(None, "/windlass/_apis/projects")

    assert me["authenticatedUser"]["subjectDescriptor"].startswith("msa.")
    assert set(stranger.headers["X-VSS-ResourceTenant"]) == {"0", "-"}
