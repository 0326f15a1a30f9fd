"""Each state of a token or an organization, by its documented answer."""

import http.client
import urllib.parse

import pytest

from tests.sandbox.client import ANY_VERSION

WHO = "/{}/_apis/connectionData"
REPOSITORIES = "/{}/_apis/git/repositories"
ANONYMOUS = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"


def who(ask, label, organization, **options):
    return ask(label, WHO.format(organization), headers=ANY_VERSION, **options)


def assert_silent(answer, realm="https://tfsprodsbx1.visualstudio.com/"):
    assert (answer.status, answer.body, answer.headers["Content-Length"]) == (401, b"", "0")
    assert answer.headers.get_all("WWW-Authenticate") == [f'Basic realm="{realm}"']
    assert answer.headers["Content-Type"] is None
    assert answer.headers["X-VSS-UserData"] is None


def service_error(answer):
    return urllib.parse.unquote(answer.headers["X-TFS-ServiceError"])


def test_an_unknown_token_is_401_json_when_redirects_are_suppressed(ask):
    answer = who(ask, "unknown", "fabrikam")

    assert answer.status == 401
    assert answer.json["typeKey"] == "UnauthorizedRequestException"
    assert answer.json["message"].startswith(f"TF400813: The user '{ANONYMOUS}' is not authorized")
    assert len(answer.headers.get_all("WWW-Authenticate")) == 3
    assert "/_signin?realm=dev.azure.com" in answer.headers["X-TFS-FedAuthRedirect"]
    assert answer.headers["X-VSS-UserData"] is None


@pytest.mark.parametrize("token", ["x", "x" * 84, "ü"])
def test_a_malformed_token_is_an_unknown_one(ask, token):
    assert who(ask, None, "fabrikam", token=token).json["typeKey"] == "UnauthorizedRequestException"


def test_an_unknown_token_is_sent_to_the_sign_in_page_otherwise(ask, sandbox):
    answer = ask("unknown", WHO.format("fabrikam"), headers={})

    location = answer.headers["Location"]
    assert answer.status == 302
    assert f"hid={sandbox.instance_id('fabrikam')}" in location
    page = ask(None, location.removeprefix(sandbox.url), headers={})
    assert page.status == 203
    assert "<title>Azure DevOps Services | Sign In</title>" in page.text


def test_other_methods_are_not_redirected(ask):
    assert ask("unknown", WHO.format("fabrikam"), headers={}, method="PATCH").status == 401


def test_a_bad_bearer_is_401_json_with_a_mark(ask):
    headers = ANY_VERSION | {"Authorization": "Bearer nonsense"}

    answer = ask(None, WHO.format("fabrikam"), headers=headers)

    assert answer.body.startswith(b"\xef\xbb\xbf")
    assert answer.json["typeKey"] == "InvalidIdentityException"


def test_a_stranger_is_the_anonymous_user_where_a_project_is_public(ask):
    answer = who(ask, "unknown-in-public", "publicworks")

    assert answer.status == 200
    assert answer.json["authenticatedUser"]["id"] == ANONYMOUS
    assert answer.json["authenticatedUser"]["descriptor"] == f"System:PublicAccess;{ANONYMOUS}"
    assert answer.headers["X-VSS-UserData"] is None


def test_a_stranger_sees_public_code_and_no_other(ask):
    assert ask(None, REPOSITORIES.format("contoso")).names == ["tide-gauge"]
    assert ask(None, "/contoso/Ledger/_apis/git/repositories").status == 401


@pytest.mark.parametrize("label", ["revoked", "inactive", "expired-empty", "other-organization"])
def test_a_dead_token_is_an_empty_401(ask, label):
    assert_silent(who(ask, label, "contoso"))


def test_an_expired_token_may_say_so_in_a_header(ask):
    answer = who(ask, "expired-header", "contoso")

    assert answer.status == 401
    assert service_error(answer) == ("Access Denied: The Personal Access Token used has expired.")
    assert answer.headers.get_content_type() == "text/html"


def test_an_expired_token_may_say_so_in_json(ask):
    answer = who(ask, "expired-json", "contoso")

    assert answer.status == 401
    assert answer.json["typeKey"] == "AccessCheckException"
    assert answer.json["typeName"] == (
        "Microsoft.VisualStudio.Services.Security.AccessCheckException, "
        "Microsoft.VisualStudio.Services.WebApi"
    )
    assert "has expired" in answer.json["message"]


def test_a_token_dies_on_its_day(ask, sandbox):
    assert who(ask, None, "contoso", token=sandbox.issue_token("contoso", days=1)).status == 200
    assert who(ask, None, "contoso", token=sandbox.issue_token("contoso", days=0)).status == 401


def test_a_missing_scope_is_an_empty_401_beside_a_healthy_identity(ask):
    assert who(ask, "no-code-scope", "contoso").status == 200
    assert ask("no-code-scope", "/contoso/_apis/projects").status == 200
    assert_silent(ask("no-code-scope", REPOSITORIES.format("contoso")))
    assert_silent(ask("no-useful-scope", "/contoso/_apis/projects"))


def test_the_realm_is_that_of_the_service(ask):
    graph = ask("healthy", "/vssps/contoso/_apis/graph/users", headers=ANY_VERSION)
    entitlements = ask("healthy", "/vsaex/contoso/_apis/userentitlements", headers=ANY_VERSION)

    assert_silent(graph, "https://spsprodsbx1.vssps.visualstudio.com/")
    assert_silent(entitlements, "https://aexprodsbx1.vsaex.visualstudio.com/")


def test_who_is_not_a_member_is_named(ask):
    answer = who(ask, "not-a-member", "contoso")

    assert answer.status == 401
    assert "\\outsider@example.com' is not authorized" in answer.json["message"]
    assert answer.headers["X-VSS-UserData"].endswith(":outsider@example.com")
    assert answer.headers["X-VSS-ResourceTenant"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")


@pytest.mark.parametrize(
    ("label", "organization"), [("no-such-organization", "atlantis"), ("renamed", "old-anchor")]
)
def test_an_organization_that_is_not_there_is_404_html(ask, label, organization):
    answer = who(ask, label, organization)

    assert (answer.status, answer.headers.get_content_type()) == (404, "text/html")
    assert answer.headers["X-VSS-UserData"] is None


@pytest.mark.parametrize(("method", "path"), [("OPTIONS", ""), ("GET", "/projects")])
def test_a_stopped_organization_is_503_json(ask, method, path):
    answer = ask("sleeping", f"/sleeping/_apis{path}", method=method)

    assert answer.status == 503
    assert answer.body.startswith(b"\xef\xbb\xbf")
    assert answer.json["typeKey"] == "VssServiceException"
    assert "collection is stopped: sleeping." in answer.json["message"]
    assert service_error(answer) == answer.json["message"]
    assert answer.headers["ActivityId"] is None


def test_a_policy_blocks_global_tokens(ask):
    answer = who(ask, "blocked-global", "fortress")

    assert answer.status == 401
    assert "prohibits access by global Personal Access Token" in service_error(answer)
    assert "<title>The organization&#39;s security policy" in answer.text
    assert who(ask, "fortress", "fortress").status == 200
    assert who(ask, "global", "fabrikam").status == 200


def test_conditional_access_is_403(ask):
    answer = who(ask, "guarded", "guarded")

    assert answer.status == 403
    assert answer.json["message"].startswith("VS403463: The conditional access policy")


def test_terms_have_to_be_accepted_first(ask):
    answer = who(ask, "terms-not-accepted", "contoso")

    assert answer.status == 401
    assert answer.json["message"].startswith("TF401444: Please sign-in at least once as ")


def test_a_stakeholder_sees_projects_and_no_private_code(ask):
    projects = ask("stakeholder", "/contoso/_apis/projects").names
    repositories = ask("stakeholder", REPOSITORIES.format("contoso")).names
    one = ask("stakeholder", "/contoso/Quayside/_apis/git/repositories/berth-planner")

    assert "Quayside" in projects
    assert repositories == ["tide-gauge"]
    assert (one.status, one.json["typeKey"]) == (404, "GitRepositoryNotFoundException")


def test_entitlements_tell_a_stakeholder(ask):
    path = "/vsaex/contoso/_apis/userentitlements?$filter=name%20eq%20'stakeholder@example.com'"

    answer = ask("stakeholder-with-entitlements", path)

    [member] = answer.json["members"]
    assert member["accessLevel"]["accountLicenseType"] == "stakeholder"
    assert ask("stakeholder", path).status == 401


def test_what_may_not_be_read_is_404(ask):
    project = ask("partial-read", "/contoso/Ledger/_apis/git/repositories")
    repository = ask("partial-read", REPOSITORIES.format("contoso") + "/ledger-db")

    assert project.status == repository.status == 404
    assert project.json["message"].startswith("TF200016: The following project does not exist")
    assert repository.json["message"].startswith("TF401019: The Git repository with name")
    assert repository.headers["X-VSS-UserData"]


def test_a_project_asked_for_by_id_is_missed_in_other_words(ask):
    rows = {row["name"]: row["id"] for row in ask("healthy", "/contoso/_apis/projects").value}

    answer = ask("partial-read", f"/contoso/{rows['Ledger']}/_apis/git/repositories")

    assert (answer.status, answer.json["typeKey"]) == (404, "ProjectDoesNotExistException")
    assert answer.json["message"].startswith("VS800075: The project with id ")
    assert rows["Ledger"] in answer.json["message"]


def test_a_member_of_nothing_sees_nothing_private(ask):
    assert ask("sees-nothing", "/contoso/_apis/projects").names == ["Open Charts"]


def test_a_blocked_request_is_429(ask):
    answer = who(ask, "busy", "busy")

    assert answer.status == 429
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["X-RateLimit-Remaining"] == "0"
    assert answer.json["message"].startswith("TF400733: The request has been canceled")


def test_throttling_may_pass(ask):
    statuses = [who(ask, "briefly-busy", "briefly-busy").status for _ in range(4)]

    assert statuses == [429, 429, 200, 200]


def test_a_delayed_request_succeeds_and_says_so(ask):
    answer = who(ask, "slowlane", "slowlane")

    assert (answer.status, answer.headers["Retry-After"]) == (200, "1")
    assert answer.headers["X-RateLimit-Delay"]


@pytest.mark.parametrize(
    ("organization", "status"),
    [("outage", 503), ("outage-500", 500), ("outage-502", 502), ("outage-504", 504)],
)
def test_an_outage_is_an_html_page(ask, organization, status):
    answer = who(ask, organization, organization)

    assert (answer.status, answer.headers["Server"]) == (status, "Microsoft-IIS/10.0")
    assert answer.headers.get_content_type() == "text/html"


def test_a_flaky_organization_recovers(ask):
    assert [who(ask, "flaky", "flaky").status for _ in range(5)] == [503, 503, 503, 200, 200]


def test_a_connection_may_be_reset(ask, sandbox):
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        who(ask, "cut-cable", "cut-cable")

    assert [each.status for each in sandbox.requests] == [0]
