"""Requests that make no sense: refused with the status they deserve, and never with a 500."""

import json

import pytest

from sandbox.app import create_app
from sandbox.azure.world import World
from sandbox.mail.mailbox import Mailbox
from sandbox.stripe.desk import Desk
from tests.sandbox.client import ANY_VERSION, SUPPRESS

BERTHS = "/contoso/Quayside/_apis/git/repositories/berth-planner"
BATCH = "/contoso/_apis/security/permissionevaluationbatch"
COLLECTION = "3e65f728-f8bc-4ecd-8764-7e378b19bfa7"
ENTITLEMENTS = "/vsaex/contoso/_apis/userentitlements"
NO_COMMIT = "0" * 40


def refs_of(ask):
    return {row["name"]: row["objectId"] for row in ask("healthy", f"{BERTHS}/refs").value}


def post_refs(ask, body):
    return ask("healthy", f"{BERTHS}/refs", method="POST", body=body)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("foo", "invalidRefName"),
        ("", "invalidRefName"),
        ("HEAD", "invalidRefName"),
        ("refs/heads", "invalidRefName"),
        ("refs/heads/new one", "invalidRefName"),
        ("refs/heads/a..b", "invalidRefName"),
        ("refs/heads/\ud800", "invalidRefName"),
        ("refs/heads/main/x", "refNameConflict"),
        ("refs/heads/feature", "refNameConflict"),
    ],
)
def test_a_ref_that_may_not_be_made_is_refused_by_item(ask, name, word):
    before = refs_of(ask)
    main = before["refs/heads/main"]

    answer = post_refs(ask, [{"name": name, "oldObjectId": NO_COMMIT, "newObjectId": main}])

    [row] = answer.value
    assert (answer.status, row["success"], row["updateStatus"]) == (200, False, word)
    assert refs_of(ask) == before


@pytest.mark.parametrize(
    ("name", "old", "word"),
    [
        ("HEAD", "main", "invalidRefName"),
        ("refs/heads/nowhere", NO_COMMIT, "staleOldObjectId"),
        ("refs/heads/main", NO_COMMIT, "staleOldObjectId"),
    ],
)
def test_a_ref_that_may_not_be_deleted_is_refused_by_item(ask, name, old, word):
    before = refs_of(ask)
    old = before["refs/heads/main"] if old == "main" else old

    answer = post_refs(ask, [{"name": name, "oldObjectId": old, "newObjectId": NO_COMMIT}])

    assert answer.value[0]["updateStatus"] == word
    assert refs_of(ask) == before


@pytest.mark.parametrize(
    "change",
    [
        {"name": 5},
        {"name": None},
        {"oldObjectId": "xyz"},
        {"newObjectId": "xyz"},
        {"newObjectId": None},
        {"newObjectId": 7},
    ],
)
def test_a_malformed_update_changes_nothing(ask, change):
    before = refs_of(ask)
    good = {
        "name": "refs/heads/new",
        "oldObjectId": NO_COMMIT,
        "newObjectId": before["refs/heads/main"],
    }

    answer = post_refs(ask, [good, good | change])

    assert (answer.status, answer.json["typeKey"]) == (400, "ArgumentException")
    assert refs_of(ask) == before


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("healthy", "/contoso/_apis/projects?$top={}"),
        ("healthy", "/contoso/_apis/projects?$skip={}&$top=1"),
        ("healthy", "/contoso/_apis/projects?continuationToken={}"),
        ("healthy", BERTHS + "/refs?$top={}"),
        ("healthy-with-entitlements", ENTITLEMENTS + "?top={}"),
        ("healthy-with-entitlements", ENTITLEMENTS + "?$top={}"),
        ("healthy-with-entitlements", ENTITLEMENTS + "?continuationToken={}"),
    ],
)
@pytest.mark.parametrize("number", ["-1", "one", "%C2%B2", "1.5", "9" * 20])
def test_a_number_that_is_none_is_400(ask, label, path, number):
    answer = ask(label, path.format(number))

    assert (answer.status, answer.json["typeKey"]) == (400, "ArgumentException")


@pytest.mark.parametrize(
    ("label", "path"),
    [
        ("healthy", "/contoso/_apis/projects?$top=0"),
        ("healthy", f"{BERTHS}/refs?$top=0"),
        ("healthy-with-entitlements", f"{ENTITLEMENTS}?top=0"),
    ],
)
def test_no_page_is_empty(ask, label, path):
    assert ask(label, path).status == 400


@pytest.mark.parametrize(
    "evaluations",
    [
        [5],
        ["x"],
        "x",
        None,
        [{"securityNamespaceId": COLLECTION, "token": "", "permissions": "abc"}],
        [{"securityNamespaceId": COLLECTION, "token": "", "permissions": None}],
        [{"securityNamespaceId": COLLECTION, "token": ""}],
    ],
)
def test_a_malformed_evaluation_is_400(ask, evaluations):
    answer = ask("healthy", BATCH, method="POST", body={"evaluations": evaluations})

    assert (answer.status, answer.json["typeKey"]) == (400, "ArgumentException")


def test_an_empty_delimiter_is_the_usual_one(ask):
    path = f"/contoso/_apis/permissions/{COLLECTION}/2?tokens=a,b&delimiter="

    assert ask("healthy", path).value == [True, True]


@pytest.mark.parametrize("header", ["Basic é", "Basic =", "Basic ", "Basic 4pyT/w=="])
def test_a_header_that_is_no_password_is_not_recognised(ask, header):
    headers = SUPPRESS | {"Authorization": header.encode().decode("latin-1")}

    answer = ask(None, "/fabrikam/_apis/projects", headers=headers)

    assert answer.status == 401
    assert answer.json["message"].startswith("TF400813: The user 'aaaaaaaa-")


def test_a_blob_is_no_tree_and_no_commit(ask, sandbox):
    sandbox.commit("contoso", "berth-planner", {"hello.txt": "hello\n"})
    blob = "ce013625030ba8dba906f756967f9e9ca394464a"
    version = f"versionDescriptor.versionType=commit&versionDescriptor.version={blob}"

    tree = ask("healthy", f"{BERTHS}/trees/{blob}?$format=zip")
    items = ask("healthy", f"{BERTHS}/items?$format=zip&{version}")

    assert (tree.status, items.status) == (404, 404)
    assert items.json["typeKey"] == "GitUnresolvableToCommitException"


def test_a_mistake_of_the_sandbox_is_a_500_of_the_service():
    app = create_app(World(), Mailbox(), Desk())
    app.logger.disabled = True

    @app.get("/contoso/_apis/broken")
    def broken():
        raise ZeroDivisionError

    answer = app.test_client().get("/contoso/_apis/broken")

    body = json.loads(answer.data)
    assert (answer.status_code, answer.mimetype) == (500, "application/json")
    assert body["typeKey"] == "VssServiceException"
    assert body["message"].startswith("TF400898: An Internal Error Occurred. Activity Id: ")
    assert answer.headers["ActivityId"] in body["message"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/contoso/_apis/projects", SUPPRESS), ("/contoso/_apis/connectionData", ANY_VERSION)],
)
def test_head_is_get_without_a_body(ask, path, headers):
    answer = ask("healthy", path, method="HEAD", headers=headers)

    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Type"].startswith("application/json")
