"""Answers nobody documented: none may judge a token, crash a worker or be stored."""

import json
import re

import pytest
from werkzeug import Response

from bindings.models import DevOpsBinding
from onboarding import verifying
from onboarding.models import Import
from tests.factories import ImportFactory
from tests.onboarding.test_another_server import (
    CONNECTION,
    PROJECT,
    PROJECTS,
    REFS,
    REPOSITORIES,
    REPOSITORY,
    STALE,
    answer,
)

ADMINISTRATOR = "_apis/permissions/3e65f728-f8bc-4ecd-8764-7e378b19bfa7/2"
PLACES = {
    "connection": ("GET", "_apis/connectionData", CONNECTION),
    "projects": ("GET", "_apis/projects", PROJECTS),
    "repositories": ("GET", "_apis/git/repositories", REPOSITORIES),
    "of project": ("GET", f"{PROJECT}/_apis/git/repositories", REPOSITORIES),
    "refs": ("GET", f"{PROJECT}/_apis/git/repositories/{REPOSITORY}/refs", REFS),
    "write": ("POST", f"{PROJECT}/_apis/git/repositories/{REPOSITORY}/refs", STALE),
    "administrator": ("GET", ADMINISTRATOR, {"count": 1, "value": [True]}),
}


@pytest.fixture
def verified(httpserver, settings, alice):
    """An import after one attempt against a server where some answers are odd."""

    def verify(**odd):
        settings.AZURE_DEVOPS_URL = httpserver.url_for("").rstrip("/")
        settings.AZURE_DEVOPS_ENTITLEMENTS_URL = httpserver.url_for("/licences")
        for place, (method, path, usual) in PLACES.items():
            response = odd.get(place.replace(" ", "_"), answer(usual))
            handler = httpserver.expect_request(f"/contoso/{path}", method=method)
            handler.respond_with_response(response)
        import_ = ImportFactory(user=alice)
        verifying.verify_import(import_.pk)
        return Import.objects.get(pk=import_.pk)

    return verify


def with_repository(**changes):
    [usual] = REPOSITORIES["value"]
    return answer({"count": 1, "value": [{**usual, **changes}]})


def with_connection(**changes):
    return answer({**CONNECTION, **changes})


def plain(status, text="No."):
    return Response(text, status, {"X-VSS-UserData": "x:y"}, content_type="text/plain")


@pytest.mark.parametrize(
    "odd",
    [
        {"connection": plain(403)},
        {"connection": plain(400)},
        {"connection": answer([])},
        {"connection": with_connection(instanceId=None)},
        {"connection": with_connection(instanceId="none")},
        {"connection": with_connection(authenticatedUser=None)},
        {"connection": Response("[" * 100_000, content_type="application/json")},
        {"projects": plain(404)},
        {"projects": plain(403)},
        {"projects": answer({"value": [{"name": "without an id"}]})},
        {"repositories": answer({"value": None}), "of_project": answer({"value": None})},
        {"repositories": plain(403), "of_project": plain(403)},
        {"repositories": with_repository(name=None)},
        {"repositories": with_repository(id="../../secrets")},
        {"repositories": with_repository(project=None)},
    ],
    ids=str,
)
def test_what_can_not_be_read_is_no_verdict_and_is_asked_again_later(verified, odd):
    import_ = verified(**odd)

    assert (import_.state, import_.verdict) == ("checking", "unreadable_answer")
    assert import_.is_waiting_to_retry
    assert not DevOpsBinding.objects.exists()


@pytest.mark.parametrize(
    ("odd", "code"),
    [
        ({"refs": plain(403)}, "code_write"),
        ({"refs": plain(404)}, "code_write"),
        ({"write": plain(404)}, "code_write"),
        ({"write": answer({"value": []})}, "code_write"),
        ({"administrator": plain(400)}, "administrator"),
        ({"administrator": plain(403)}, "administrator"),
        ({"administrator": answer({"value": []})}, "administrator"),
        ({"administrator": Response(status=401)}, "administrator"),
    ],
    ids=str,
)
def test_a_question_that_may_not_be_asked_leaves_its_check_unknown(verified, odd, code):
    import_ = verified(**odd)

    outcomes = {check["code"]: check["outcome"] for check in import_.checks}
    assert (import_.state, import_.verdict) == ("ready", "healthy")
    assert outcomes[code] == "unknown"


def test_a_licence_that_was_not_answered_is_said_to_be_so(verified, httpserver):
    outage = Response("Services Unavailable", 503)
    httpserver.expect_request(re.compile("/licences/.*")).respond_with_response(outage)

    import_ = verified()

    [licence] = [check for check in import_.checks if check["code"] == "access_level"]
    assert (import_.state, licence["outcome"]) == ("ready", "unknown")
    assert "gave no answer" in licence["message"]


def test_a_repository_that_is_listed_twice_is_one(verified):
    twice = {"count": 2, "value": REPOSITORIES["value"] * 2}

    import_ = verified(repositories=answer(twice))

    assert import_.repository_count == len(import_.repositories) == 1


def test_what_a_database_can_not_keep_is_left_out(verified):
    import_ = verified(repositories=with_repository(name="cra\0ne", size=2**80))

    [repository] = import_.repositories
    assert (repository["name"], repository["size"]) == ("crane", 2**63 - 1)


def test_accepted_here_and_not_recognized_there_is_no_verdict(verified):
    page = Response("<html>Sign in</html>", 401, content_type="text/html")

    import_ = verified(projects=page)

    assert import_.verdict == "unreadable_answer"


@pytest.mark.parametrize("wait", ["inf", "1e300", "100000", "nan", "soon"])
def test_no_pause_outlives_the_import(verified, wait):
    busy = Response(json.dumps({}), 429, {"Retry-After": wait}, content_type="application/json")

    import_ = verified(connection=busy)

    assert (import_.state, import_.verdict) == ("checking", "throttled")
    assert (import_.next_attempt_at - import_.touched_at).total_seconds() < 1000


def test_a_delay_that_comes_with_answers_slows_the_import_down_and_does_not_stop_it(verified):
    import_ = verified(projects=answer(PROJECTS, **{"Retry-After": "1"}))

    assert (import_.state, import_.verdict) == ("ready", "healthy")
