"""`imports` and `key-availability` in the API."""

import pytest

from bindings.models import Verification
from onboarding.models import Import
from organizations.models import AuditEvent, Organization
from tests.factories import BindingFactory, ImportFactory, OrganizationFactory
from tests.tokens import letters, make_token

IMPORTS = "/api/v1/imports"
FINISHED = {"key": "contoso", "name": "Contoso", "plan": "free"}


def send(program, address, body, **headers):
    return program.post(address, body, content_type="application/json", headers=headers)


def create(program, import_, **changes):
    return send(program, f"{IMPORTS}/{import_.pk}/create", FINISHED | changes)


def forked(user, **values):
    """An import of an organization that somebody else has brought here."""
    binding = BindingFactory(organization__key="hidden-key", organization__name="Hidden Name")
    known = {"external_id": binding.external_id, "verdict": "healthy", **values}
    return ImportFactory(user=user, **known)


def test_a_started_import_has_this_shape(program_of, alice):
    response = send(program_of(alice), IMPORTS, {"organization": "contoso", "token": make_token()})

    assert response.status_code == 201
    assert response.json() == {
        "id": str(Import.objects.get().pk),
        "state": "checking",
        "verdict": "",
        "checks": [],
        "external": {"id": "", "name": "contoso"},
        "suggestion": {"key": "contoso", "name": "contoso"},
        "estimate": None,
        "existing": None,
        "checkout_url": None,
        "no_trial": None,
        "organization": None,
    }
    assert AuditEvent.objects.get().channel == "api"


def test_an_organization_is_imported_by_calls_alone(program_of, alice, sandbox, committed):
    program = program_of(alice)
    body = {"organization": "dev.azure.com/contoso/", "token": sandbox.token("healthy")}
    with committed():
        started = send(program, IMPORTS, body).json()

    checked = program.get(f"{IMPORTS}/{started['id']}").json()
    created = create(program, Import.objects.get())

    assert (checked["state"], checked["verdict"]) == ("ready", "healthy")
    assert checked["external"] == {"id": sandbox.instance_id("contoso"), "name": "contoso"}
    assert {check["code"] for check in checked["checks"]} >= {"reachable", "code_write"}
    assert created.status_code == 201
    assert (created.json()["state"], created.json()["organization"]) == ("created", "contoso")
    assert program.get("/api/v1/organizations/contoso").json()["is_owner"]


def test_the_answer_to_an_import_can_be_named_to_support(program_of, alice, sandbox, committed):
    program = program_of(alice)
    with committed():
        send(program, IMPORTS, {"organization": "contoso", "token": sandbox.token("healthy")})
    create(program, Import.objects.get())

    told = Verification.objects.get()
    assert told.activity_id in {check["activity_id"] for check in told.checks} - {""}
    assert told.latency_ms >= max(check["latency_ms"] or 0 for check in told.checks) > 0


def test_a_refused_token_is_told_with_what_to_do(program_of, alice, sandbox, committed):
    program = program_of(alice)
    with committed():
        body = {"organization": "contoso", "token": sandbox.token("read-only")}
        started = send(program, IMPORTS, body).json()

    answer = program.get(f"{IMPORTS}/{started['id']}").json()

    assert (answer["state"], answer["verdict"]) == ("refused", "missing_scope")
    failed = [check for check in answer["checks"] if check["outcome"] == "fail"]
    assert [check["code"] for check in failed] == ["code_write"]
    assert failed[0]["message"] and failed[0]["remedy"]


@pytest.mark.parametrize("state", ["checking", "refused", "ready", "created", "expired"])
def test_an_import_tells_its_state(program_of, alice, state):
    secret = None if state in ("created", "expired") else make_token()
    import_ = ImportFactory(user=alice, state=state, secret=secret)

    answer = program_of(alice).get(f"{IMPORTS}/{import_.pk}")

    assert answer.json()["state"] == state
    assert not secret or secret[4:40] not in answer.text


def test_what_is_here_already_is_a_fork_that_names_nobody(program_of, alice):
    import_ = forked(alice, state="refused", secret=None)

    answer = program_of(alice).get(f"{IMPORTS}/{import_.pk}")

    assert answer.json()["existing"] == {
        "join_url": f"/imports/{import_.pk}/join/",
        "claim_url": f"/imports/{import_.pk}/claim/",
    }
    assert answer.json()["organization"] is None
    assert "hidden-key" not in answer.text and "Hidden Name" not in answer.text


def test_a_fork_reached_while_creating_is_told_and_loses_nothing(program_of, alice):
    import_ = forked(alice, state="ready")
    program = program_of(alice)

    response = create(program, import_)

    assert (response.status_code, response.json()["code"]) == (409, "already-imported")
    assert "hidden-key" not in response.text and "Hidden Name" not in response.text
    answer = program.get(f"{IMPORTS}/{import_.pk}").json()
    assert answer["state"] == "refused" and answer["existing"]
    assert Organization.objects.count() == 1


TOKEN = make_token()
MALFORMED = [
    ({"token": ""}, "invalid", "token"),
    ({"token": None}, "invalid", "token"),
    ({"token": TOKEN[:-1]}, "token-malformed", "token"),
    ({"token": f"{TOKEN} "}, "token-malformed", "token"),
    ({"token": f"{TOKEN[:40]}\n{TOKEN[40:]}"}, "token-malformed", "token"),
    ({"token": f"{TOKEN}="}, "token-malformed", "token"),
    ({"token": f"ghp_{letters(36)}"}, "token-malformed", "token"),
    ({"token": letters(100_000)}, "token-malformed", "token"),
    ({"organization": ""}, "invalid", "organization"),
    ({"organization": "con toso"}, "organization-malformed", "organization"),
    ({"organization": "https://github.com/contoso"}, "organization-malformed", "organization"),
    ({"organization": "http://127.0.0.1:8000/"}, "organization-malformed", "organization"),
    ({"organization": "c" * 2001}, "invalid", "organization"),
    ({"platform": "github"}, "invalid", "platform"),
    ({"token_expires_on": "soon"}, "invalid", "token_expires_on"),
    ({"token_expires_on": "2020-01-01"}, "expiry-impossible", "token_expires_on"),
    ({"token_expires_on": "2040-01-01"}, "expiry-impossible", "token_expires_on"),
]


@pytest.mark.parametrize(("changes", "code", "field"), MALFORMED)
def test_what_is_malformed_is_refused_by_its_field(program_of, alice, changes, code, field):
    body = {"organization": "contoso", "token": TOKEN} | changes

    response = send(program_of(alice), IMPORTS, body)

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert response.json()["type"] == f"/problems/{code}"
    assert list(response.json()["errors"]) == [field]
    assert not body["token"] or body["token"][4:40] not in response.text
    assert not Import.objects.exists()


def test_nothing_is_created_before_the_checks_are_done(program_of, alice):
    import_ = ImportFactory(user=alice)

    response = create(program_of(alice), import_)

    assert (response.status_code, response.json()["code"]) == (409, "import-not-ready")
    assert not Organization.objects.exists()
    assert not Import.objects.get().has_details


@pytest.mark.parametrize("state", ["refused", "expired"])
def test_nothing_is_created_after_the_end(program_of, alice, state):
    import_ = ImportFactory(user=alice, state=state, secret=None)

    assert create(program_of(alice), import_).status_code == 409
    assert not Organization.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"plan": "team"}, "price-not-sold", "plan"),
        ({"plan": "team", "tier": 1}, "price-not-sold", "plan"),
        ({"plan": "team", "tier": 100_000, "currency": "chf"}, "price-not-sold", "plan"),
        ({"plan": "enterprise"}, "plan-by-contact", "plan"),
        ({"plan": "huge"}, "invalid", "plan"),
        ({"key": "Contoso"}, "key-malformed", "key"),
        ({"key": "admin"}, "key-malformed", "key"),
        ({"key": ""}, "invalid", "key"),
        ({"name": " "}, "invalid", "name"),
        ({"name": "n" * 256}, "invalid", "name"),
        ({"description": "d" * 1001}, "invalid", "description"),
        ({"url": "javascript:alert(1)"}, "invalid", "url"),
    ],
)
def test_what_can_not_be_created_is_refused_by_its_field(program_of, alice, changes, code, field):
    import_ = ImportFactory(ready=True, user=alice, has_plan=False)

    response = create(program_of(alice), import_, **changes)

    assert (response.status_code, response.json()["code"]) == (422, code)
    assert list(response.json()["errors"]) == [field]
    assert not Organization.objects.exists()
    assert Import.objects.get().state == "ready"


def test_a_taken_key_is_refused_with_others_to_take(program_of, alice):
    OrganizationFactory(key="contoso")
    import_ = ImportFactory(ready=True, user=alice)

    response = create(program_of(alice), import_)

    assert (response.status_code, response.json()["code"]) == (409, "key-taken")
    assert response.json()["suggestions"] == ["contoso-2", "contoso-eu", "contoso-us"]
    assert list(response.json()["errors"]) == ["key"]
    assert Organization.objects.count() == 1
    assert Import.objects.get().key == import_.key


def test_creating_twice_is_creating_once(program_of, alice):
    import_ = ImportFactory(ready=True, user=alice)
    program = program_of(alice)

    first, second = create(program, import_), create(program, import_, key="another")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Organization.objects.get().key == "contoso"


@pytest.mark.parametrize(
    ("key", "problem", "suggestions"),
    [
        ("contoso", None, []),
        ("taken", "This key is taken. Choose another one.", ["taken-2", "taken-eu", "taken-us"]),
        ("Taken", "A key has no capital letters. Try “taken”.", ["taken-2", "taken-eu"]),
        ("admin", "“admin” is reserved. Try “admin-team”.", ["admin-team"]),
    ],
)
def test_a_key_is_told_to_be_free_or_why_not(program_of, alice, key, problem, suggestions):
    OrganizationFactory(key="taken")

    answer = program_of(alice).get("/api/v1/key-availability", {"key": key}).json()

    assert (answer["key"], answer["available"]) == (key, problem is None)
    assert answer["problem"] == problem
    assert answer["suggestions"][: len(suggestions)] == suggestions
