"""Nothing depends on our sandbox: another server that speaks the same HTTP does as well.

This one is written from the documented shapes alone, and answers nothing else.
"""

import json
import uuid

import pytest
from werkzeug import Response

from bindings.models import DevOpsBinding
from tests.tokens import make_token

INSTANCE = "5f0c6a52-3c5e-4d7e-9a55-1f5b8f2f0a11"
ACCOUNT = "0d1f7a9c-5a0e-6b7c-8d9e-0f1a2b3c4d5e"
PROJECT = str(uuid.uuid4())
REPOSITORY = str(uuid.uuid4())
COMMIT = "c" * 40


def answer(body, status=200, **headers):
    known = {"X-VSS-UserData": f"{ACCOUNT}:robot@example.com", **headers}
    return Response(json.dumps(body), status, known, content_type="application/json")


CONNECTION = {
    "authenticatedUser": {
        "id": ACCOUNT,
        "descriptor": "Microsoft.IdentityModel.Claims.ClaimsIdentity;t\\robot@example.com",
        "providerDisplayName": "Robot",
        "properties": {"Account": {"$type": "System.String", "$value": "robot@example.com"}},
    },
    "instanceId": INSTANCE,
}
PROJECTS = {"count": 1, "value": [{"id": PROJECT, "name": "Quay", "visibility": "private"}]}
REPOSITORIES = {
    "count": 1,
    "value": [
        {
            "id": REPOSITORY,
            "name": "crane",
            "project": {"id": PROJECT, "name": "Quay"},
            "defaultBranch": "refs/heads/trunk",
            "size": 4096,
            "webUrl": "https://dev.azure.com/northwind/Quay/_git/crane",
        }
    ],
}
REFS = {"count": 1, "value": [{"name": "refs/heads/trunk", "objectId": COMMIT}]}
STALE = {"value": [{"success": False, "updateStatus": "staleOldObjectId"}], "count": 1}


@pytest.fixture
def other_server(httpserver, settings):
    settings.AZURE_DEVOPS_URL = httpserver.url_for("").rstrip("/")
    settings.AZURE_DEVOPS_IDENTITY_URL = httpserver.url_for("/identity")
    settings.AZURE_DEVOPS_ENTITLEMENTS_URL = httpserver.url_for("/licences")
    refs = f"/northwind/{PROJECT}/_apis/git/repositories/{REPOSITORY}/refs"
    for method, path, response in [
        ("GET", "/northwind/_apis/connectionData", answer(CONNECTION)),
        ("GET", "/northwind/_apis/projects", answer(PROJECTS)),
        ("GET", "/northwind/_apis/git/repositories", answer(REPOSITORIES)),
        ("GET", refs, answer(REFS)),
        ("POST", refs, answer(STALE)),
        (
            "GET",
            "/northwind/_apis/permissions/3e65f728-f8bc-4ecd-8764-7e378b19bfa7/2",
            answer({"count": 1, "value": [True]}),
        ),
        (
            "GET",
            f"/licences/northwind/_apis/userentitlements/{ACCOUNT}",
            Response(status=401, headers={"WWW-Authenticate": "Basic"}),
        ),
    ]:
        httpserver.expect_request(path, method=method).respond_with_response(response)
    return httpserver


def test_the_same_import_works_against_another_server(other_server, browser_of, alice, committed):
    browser = browser_of(alice)
    with committed():
        typed = {"organization": "northwind", "token": make_token()}
        place = browser.post("/imports/new/", typed)["Location"]
    browser.post(f"{place}details/", {"name": "Northwind", "key": "northwind"})
    browser.post(f"{place}plan/", {"plan": "free"})

    response = browser.post(f"{place}create/")

    assert response["Location"] == "/organizations/northwind/"
    assert DevOpsBinding.objects.get().external_id == INSTANCE
    other_server.check_assertions()
