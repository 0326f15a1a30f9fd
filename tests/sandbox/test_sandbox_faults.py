"""Answers that are broken, slow or far too long, and what a test may break itself."""

import json
import time
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox.testing import Fault, Flaw
from tests.sandbox.client import ANY_VERSION

PROJECTS = "/{}/_apis/projects"
WHO = "/{}/_apis/connectionData"


def test_json_may_break_off(ask):
    answer = ask("garbled", PROJECTS.format("garbled"))

    assert answer.status == 200
    with pytest.raises(json.JSONDecodeError):
        _ = answer.json


def test_html_may_come_for_json(ask):
    answer = ask("htmlish", PROJECTS.format("htmlish"))

    assert (answer.status, answer.headers.get_content_type()) == (200, "text/html")


def test_json_may_start_with_a_mark(ask):
    answer = ask("marked", PROJECTS.format("marked"))

    assert answer.body.startswith(b"\xef\xbb\xbf")
    assert answer.names == ["Harbor"]


def test_repositories_may_be_a_plain_404(ask):
    answer = ask("plain-missing", "/plain-missing/_apis/git/repositories")

    assert (answer.status, answer.headers.get_content_type()) == (404, "text/plain")
    assert ask("plain-missing", WHO.format("plain-missing"), headers=ANY_VERSION).status == 200


def test_an_unknown_path_is_a_plain_404(ask):
    answer = ask("healthy", "/contoso/_apis/nowhere")

    assert answer.text == (
        "The controller for path '/_apis/nowhere' was not found or does not implement IController."
    )
    assert answer.headers["X-VSS-UserData"]


def test_one_project_may_fail_alone(ask):
    assert ask("patchy", "/patchy/Leaking/_apis/git/repositories").status == 500
    assert ask("patchy", "/patchy/LEAKING/_apis/git/repositories").status == 500
    assert ask("patchy", "/patchy/Sound/_apis/git/repositories").names == ["quay-web"]


def test_a_body_may_dribble(ask, sandbox):
    sandbox.set_trickle(0.2)
    started = time.monotonic()

    answer = ask("trickle", PROJECTS.format("trickle"))

    assert answer.names == ["Harbor"]
    assert time.monotonic() - started >= 0.2


def test_an_answer_may_be_huge_and_valid(ask):
    answer = ask("heavy-cargo", PROJECTS.format("heavy-cargo"))

    assert len(answer.body) > 64 * 1024 * 1024
    assert answer.names == ["Harbor"]


def test_odd_names_arrive_whole(ask):
    names = ask("oddly-named", PROJECTS.format("oddly-named")).names

    assert {"<script>alert(1)", "Anchors ⚓🚢", ".hidden.", "100% & more"} <= set(names)
    for name in names:
        path = f"/oddly-named/{urllib.parse.quote(name)}/_apis/git/repositories"
        assert ask("oddly-named", path).names == [f"{name} code"]


def test_a_renamed_organization_keeps_its_id(ask, sandbox):
    before = sandbox.instance_id("fabrikam")

    sandbox.rename("fabrikam", "fabrikam-marine")

    assert ask("fabrikam", WHO.format("fabrikam"), headers=ANY_VERSION).status == 404
    after = ask("fabrikam", WHO.format("fabrikam-marine"), headers=ANY_VERSION)
    assert after.json["instanceId"] == before


def test_a_name_may_become_another_organizations(ask, sandbox):
    before = ask("fabrikam", WHO.format("fabrikam"), headers=ANY_VERSION).json["instanceId"]

    other = sandbox.reuse_name("fabrikam")

    after = ask("fabrikam", WHO.format("fabrikam"), headers=ANY_VERSION).json["instanceId"]
    assert after == other != before


def test_tokens_need_not_follow_a_name(ask, sandbox):
    sandbox.reuse_name("fabrikam", tokens_follow=False)

    assert ask("fabrikam", WHO.format("fabrikam"), headers=ANY_VERSION).status == 401


def test_a_test_may_spoil_and_mend_a_token(ask, sandbox):
    path = WHO.format("contoso")

    sandbox.spoil_token("healthy", Flaw.REVOKED)
    assert ask("healthy", path, headers=ANY_VERSION).status == 401
    sandbox.spoil_token("healthy", None)
    assert ask("healthy", path, headers=ANY_VERSION).status == 200


def test_a_test_may_break_and_mend_an_organization(ask, sandbox):
    sandbox.set_fault("contoso", Fault.OUTAGE)
    assert ask("healthy", PROJECTS.format("contoso")).status == 503
    sandbox.set_fault("contoso", None)
    sandbox.fail_next("contoso", 1)
    statuses = [ask("healthy", PROJECTS.format("contoso")).status for _ in range(2)]
    assert statuses == [503, 200]


def test_a_new_organization_has_as_many_repositories_as_asked_for(ask, sandbox):
    sandbox.add_organization("archipelago", repositories=30, projects=3)
    token = sandbox.issue_token("archipelago")

    assert len(ask(None, "/archipelago/_apis/git/repositories", token=token).value) == 30
    assert ask("global", PROJECTS.format("archipelago")).json["count"] == 3


@pytest.mark.parametrize("name", ["vssps", "VSAEX", "mail", "_sandbox"])
def test_names_the_sandbox_needs_are_refused(sandbox, name):
    with pytest.raises(ValueError, match="reserved"):
        sandbox.rename("fabrikam", name)


def test_what_was_asked_is_on_record(ask, sandbox):
    ask("healthy", "/contoso/_apis/projects?$top=1")

    [logged] = sandbox.requests
    assert (logged.method, logged.path, logged.status) == ("GET", "/contoso/_apis/projects", 200)
    assert logged.query == "$top=1"
    sandbox.requests.clear()
    assert len(sandbox.requests) == 0


def test_requests_in_flight_are_counted(ask, sandbox):
    sandbox.set_latency(0.2)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: ask("healthy", PROJECTS.format("Contoso")), range(3)))

    assert sandbox.max_concurrency("contoso") == 3
    assert sandbox.max_concurrency("fabrikam") == 0
    counted = ask(None, "/_sandbox/concurrency/contoso", headers={}).json
    assert counted["highest"] == 3
    assert counted["busy_seconds"] >= 0.2


def test_the_controls_do_the_same_over_http(ask, sandbox):
    put = {"method": "PUT", "headers": {}}

    assert ask(None, "/_sandbox/health", headers={}).json == {"status": "ok"}
    ask(None, "/_sandbox/organizations/contoso/fault", body={"fault": "OUTAGE"}, **put)
    assert ask("healthy", PROJECTS.format("contoso")).status == 503
    [logged] = ask(None, "/_sandbox/requests", headers={}).json
    assert logged["status"] == 503
    assert (
        ask(None, "/_sandbox/organizations/nobody/fault", body={"fault": None}, **put).status == 404
    )


def test_the_controls_hand_out_tokens(ask, sandbox):
    rows = {row["label"]: row for row in ask(None, "/_sandbox/tokens", headers={}).json}

    assert rows["healthy"]["token"] == sandbox.token("healthy")
    assert rows["blocked-global"]["organization"] == "fortress"
