"""The API's description: served to anybody, complete, and true of real answers."""

from datetime import timedelta

import pytest
from django.urls import URLResolver, get_resolver
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]

from organizations import audit
from organizations.models import Invitation, JoinRequest
from tests.billing.rows import InvoiceFactory, OperationFactory, on_trial
from tests.factories import (
    BindingFactory,
    ClaimFactory,
    ImportFactory,
    LineCountFactory,
    OrganizationFactory,
    PriceFactory,
    ProjectFactory,
    ReadingFactory,
    RepositoryFactory,
    SizeFactory,
    TokenFactory,
    UserFactory,
    VerificationFactory,
)
from tests.organizations.crew import join
from tests.tokens import make_token

PROBLEM = "application/problem+json"
FORMATS = FormatChecker()
FORMATS.checks("uri")(lambda value: value is None or "://" in value)
ANALYSIS = {"branch": "main", "loc": 1000}
CREATE = {"key": "another", "name": "Another", "plan": "free"}
QUOTE = {"tier": 500_000, "interval": "month"}
A_DAY = timedelta(days=1)
NOBODY = {"user": "00000000-0000-4000-8000-000000000000"}
# Method, address, body, and the status that real things answer with.
ANSWERS = [
    ("GET", "/organizations", None, 200),
    ("GET", "/organizations/{key}", None, 200),
    ("PATCH", "/organizations/{key}", {"name": "New Harbour"}, 200),
    ("DELETE", "/organizations/{key}", None, 202),
    ("GET", "/organizations/{key}/members", None, 200),
    ("POST", "/organizations/{key}/members", {"email": "new@example.com"}, 201),
    ("PATCH", "/organizations/{key}/members/{user_id}", {"may_create_projects": True}, 200),
    ("GET", "/organizations/{key}/owners", None, 200),
    ("POST", "/organizations/{key}/owners", {"user": "{user_id}"}, 201),
    ("GET", "/organizations/{key}/invitations", None, 200),
    ("POST", "/organizations/{key}/invitations", {"email": "new@example.com"}, 201),
    ("POST", "/organizations/{key}/invitations/{invitation_id}/resend", None, 200),
    ("GET", "/organizations/{key}/join-requests", None, 200),
    ("POST", "/organizations/{key}/join-requests/{request_id}/approve", None, 200),
    ("POST", "/organizations/{key}/join-requests/{request_id}/decline", None, 200),
    ("GET", "/organizations/{key}/audit-events", None, 200),
    ("GET", "/organizations/{key}/binding", None, 200),
    ("PUT", "/organizations/{key}/binding/token", {"token": make_token()}, 202),
    ("GET", "/organizations/{key}/binding/verifications", None, 200),
    ("POST", "/organizations/{key}/binding/verifications", {}, 202),
    ("GET", "/organizations/{key}/binding/verifications/{verification_id}", None, 200),
    ("GET", "/organizations/{key}/repositories", None, 200),
    ("GET", "/organizations/{key}/projects", None, 200),
    ("POST", "/organizations/{key}/projects", {"name": "Sketch"}, 201),
    ("GET", "/organizations/{key}/projects/{project_key}", None, 200),
    ("GET", "/organizations/{key}/projects/{project_key}/counts", None, 200),
    ("POST", "/organizations/{key}/projects/{project_key}/counts", None, 202),
    ("POST", "/organizations/{key}/projects/{project_key}/analyses", ANALYSIS, 201),
    ("GET", "/organizations/{key}/usage", None, 200),
    ("GET", "/organizations/{key}/usage/projects", None, 200),
    ("GET", "/organizations/{key}/usage/readings", None, 200),
    ("GET", "/organizations/{key}/entitlements", None, 200),
    ("GET", "/organizations/{key}/subscription", None, 200),
    ("GET", "/organizations/{key}/invoices", None, 200),
    ("POST", "/organizations/{key}/subscription/quotes", QUOTE, 201),
    ("POST", "/organizations/{key}/subscription/changes", {"kind": "cancel"}, 202),
    ("GET", "/organizations/{key}/subscription/changes/{change_id}", None, 200),
    ("POST", "/imports", {"organization": "contoso", "token": make_token()}, 201),
    ("GET", "/imports/{import_id}", None, 200),
    ("POST", "/imports/{import_id}/create", CREATE, 201),
    ("GET", "/key-availability", None, 200),
    ("GET", "/plans", None, 200),
    ("GET", "/claims", None, 200),
    ("POST", "/claims", {"organization": "quay", "statement": "Nobody is left."}, 201),
    ("GET", "/claims/{claim_id}", None, 200),
    ("POST", "/claims/{claim_id}/evidence", {"kind": "nonce"}, 202),
    ("POST", "/claims/{claim_id}/evidence", {"kind": "token", "token": make_token()}, 202),
    ("POST", "/claims/{claim_id}/withdraw", None, 200),
]
PROBLEMS = [
    ("GET", "/organizations/{key}", {"key": "nothing"}, None, 404),
    ("PATCH", "/organizations/{key}", {}, {"name": ""}, 422),
    ("POST", "/organizations/{key}/members", {}, {"email": "no address"}, 422),
    ("POST", "/organizations/{key}/invitations", {}, {"email": "alice@example.com"}, 409),
    (
        "POST",
        "/organizations/{key}/owners",
        {},
        {"user": "00000000-0000-4000-8000-000000000000"},
        422,
    ),
    ("GET", "/organizations/{key}/audit-events", {"key": "nothing"}, None, 404),
    ("GET", "/organizations/{key}/binding", {"key": "nothing"}, None, 404),
    ("PUT", "/organizations/{key}/binding/token", {}, {"token": "too short"}, 422),
    ("POST", "/organizations/{key}/projects", {}, {"name": ""}, 422),
    ("POST", "/organizations/{key}/projects", {}, {"name": "Sketch", "key": "crane"}, 409),
    (
        "POST",
        "/organizations/{key}/projects/{project_key}/analyses",
        {},
        ANALYSIS | {"loc": 900_000_000},
        402,
    ),
    ("POST", "/organizations/{key}/subscription/quotes", {}, QUOTE | {"tier": 1}, 422),
    ("POST", "/organizations/{key}/subscription/changes", {}, {"kind": "upgrade"}, 422),
    ("POST", "/organizations/{key}/subscription/changes", {}, {"kind": "undo"}, 409),
    ("POST", "/imports", {}, {"organization": "contoso"}, 422),
    ("POST", "/imports", {}, {"organization": "contoso", "token": "too short"}, 422),
    ("POST", "/imports/{import_id}/create", {}, CREATE | {"key": "harbour"}, 409),
    ("POST", "/claims", {}, {"organization": "atlantis", "statement": "Nobody."}, 422),
    ("POST", "/claims", {}, {"organization": "quay"}, 422),
    ("POST", "/claims/{claim_id}/evidence", {}, {"kind": "token", "token": "short"}, 422),
]


@pytest.fixture
def document(client, db):
    return client.get("/api/v1/openapi.json").json()


@pytest.fixture
def harbour(alice):
    """What the calls are about, every part of it filled."""
    organization = OrganizationFactory(key="harbour", owner=alice)
    audit.record(organization, "organization.changed", by=alice, fields=["name"])
    audit.record(organization, "token.failed", by=None)
    binding = BindingFactory(organization=organization)
    TokenFactory(binding=binding)
    verification = VerificationFactory(binding=binding)
    repository = RepositoryFactory(binding=binding)
    project = ProjectFactory(organization=organization, repository=repository, key="crane")
    SizeFactory(project=project, skipped="no_answer")
    ProjectFactory(organization=organization)
    LineCountFactory(project=project)
    ReadingFactory(organization=organization)
    account = on_trial(organization).account
    InvoiceFactory(account=account)
    PriceFactory()
    import_ = ImportFactory(ready=True, user=alice, checks=verification.checks)
    names = {"key": organization.key, "import_id": import_.pk, "project_key": project.key}
    BindingFactory(external_name="quay")
    claim = ClaimFactory(user=alice)
    claim.evidence.create(kind="nonce_placed", outcome="not_placed", weight="none")
    names["claim_id"] = claim.pk
    names |= {"change_id": OperationFactory(account=account).pk}
    names |= on_their_way(organization, alice)
    return names | {"verification_id": verification.pk}


def on_their_way(organization, alice):
    member, asker = UserFactory(last_login=timezone.now()), UserFactory()
    join(organization, member)
    invitation = Invitation.objects.create(
        organization=organization, email="guest@example.com", invited_by=alice
    )
    asked = JoinRequest.objects.create(organization=organization, user=asker, note="I run cranes.")
    return {
        "user_id": str(member.pk),
        "invitation_id": invitation.pk,
        "request_id": asked.pk,
    }


def operations(document):
    return [
        (path.removeprefix("/api/v1"), method.upper(), operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def assert_as_documented(document, method, address, response):
    """The answer has exactly the properties that are documented for its status, deep down."""
    responses = document["paths"][f"/api/v1{address}"][method.lower()]["responses"]
    content = responses[str(response.status_code)]["content"]
    kind = response["Content-Type"]
    for name, schema in document["components"]["schemas"].items():
        if "properties" in schema:
            needed = schema["required"] if name == "Problem" else list(schema["properties"])
            schema |= {"required": needed, "additionalProperties": False}
    schema = content[kind]["schema"] | {"components": document["components"]}
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema, format_checker=FORMATS).validate(response.json())


def ask(program, method, address, names, body=None):
    call = getattr(program, method.lower())
    address = f"/api/v1{address.format(**names)}"
    if body == {"user": "{user_id}"}:
        body = {"user": names["user_id"]}
    return call(address) if body is None else call(address, body, content_type="application/json")


def test_it_is_served_to_anybody(client, db):
    response = client.get("/api/v1/openapi.json")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/vnd.oai.openapi+json"
    assert response.json()["openapi"].startswith("3.1.")
    assert response.json()["info"]["title"] == "Mooring"


def test_every_call_is_in_it(document):
    described = {(path, method) for path, method, _ in operations(document)}

    assert described == set(offered(get_resolver()))


def offered(resolver, place=""):
    """Path and method of every call that the addresses lead to."""
    for each in resolver.url_patterns:
        path = f"{place}/{each.pattern}".replace("//", "/")
        if isinstance(each, URLResolver):
            yield from offered(each, path)
        elif path.startswith("/api/v1/") and each.name != "openapi":
            view = each.callback.cls
            for method in {"get", "post", "put", "patch", "delete"} & set(dir(view)):
                yield in_words_of_openapi(path), method.upper()


def in_words_of_openapi(path):
    for kind in ("uuid", "str"):
        path = path.replace(f"<{kind}:", "{")
    return path.replace(">", "}").removeprefix("/api/v1")


def test_every_call_has_a_name_of_its_own_and_a_sentence(document):
    names = [operation["operationId"] for _, _, operation in operations(document)]

    assert len(set(names)) == len(names)
    assert all(operation["description"] for _, _, operation in operations(document))


def test_every_call_needs_a_token_and_says_how_it_refuses(document):
    assert document["components"]["securitySchemes"]["apiToken"]["scheme"] == "bearer"
    for path, _, operation in operations(document):
        assert operation["security"] == [{"apiToken": []}]
        refusals = {"401", "403"} | ({"404"} if "{" in path else set())
        assert refusals <= set(operation["responses"])
        for status, response in operation["responses"].items():
            assert status < "400" or list(response["content"]) == [PROBLEM]


def test_every_call_that_creates_may_carry_an_idempotency_key(document):
    for _, method, operation in operations(document):
        names = [parameter["name"] for parameter in operation.get("parameters", [])]
        assert ("Idempotency-Key" in names) == (method == "POST")


def test_every_name_in_an_address_is_described(document):
    for path, _, operation in operations(document):
        described = [p["name"] for p in operation.get("parameters", []) if p["in"] == "path"]
        assert sorted(described) == sorted(part[1:-1] for part in path.split("/") if "{" in part)


def test_a_token_goes_in_and_never_comes_out(document):
    schemas = document["components"]["schemas"].items()
    properties = {name: set(schema.get("properties", [])) for name, schema in schemas}

    assert [name for name, has in properties.items() if "secret" in has] == []
    holding = [name for name, has in properties.items() if "token" in has]
    assert holding == ["BindingOut", "EvidenceInRequest", "ImportInRequest", "TokenInRequest"]


@pytest.mark.parametrize(("method", "address", "body", "status"), ANSWERS)
def test_an_answer_is_as_documented(
    program_of, alice, harbour, document, method, address, body, status
):
    response = ask(program_of(alice), method, address, harbour, body)

    assert response.status_code == status
    assert_as_documented(document, method, address, response)


@pytest.mark.parametrize(("method", "address", "names", "body", "status"), PROBLEMS)
def test_a_problem_is_as_documented(
    program_of, alice, harbour, document, method, address, names, body, status
):
    response = ask(program_of(alice), method, address, harbour | names, body)

    assert response.status_code == status
    assert_as_documented(document, method, address, response)


@pytest.mark.parametrize("state", ["checking", "refused", "created", "expired"])
def test_an_import_is_as_documented_in_every_state(program_of, alice, document, state):
    binding = BindingFactory(organization__owner=alice)
    known = {"external_id": binding.external_id, "organization": binding.organization}
    import_ = ImportFactory(user=alice, state=state, secret=None, **known)

    response = ask(program_of(alice), "GET", "/imports/{id}", {"id": import_.pk})

    assert (response.json()["existing"] is not None) == (state == "refused")
    assert_as_documented(document, "GET", "/imports/{import_id}", response)


def test_a_binding_without_a_token_is_as_documented(program_of, alice, document):
    BindingFactory(organization=OrganizationFactory(key="harbour", owner=alice))

    response = ask(program_of(alice), "GET", "/organizations/harbour/binding", {})

    assert_as_documented(document, "GET", "/organizations/{key}/binding", response)


def test_what_is_restored_is_as_documented(program_of, alice, document):
    OrganizationFactory(key="harbour", owner=alice, deletion_due_at=timezone.now() + A_DAY)

    response = ask(program_of(alice), "POST", "/organizations/harbour/restore", {})

    assert_as_documented(document, "POST", "/organizations/{key}/restore", response)


def test_every_documented_answer_was_looked_at(document):
    looked_at = {(address, method) for method, address, _, _ in ANSWERS}

    described = {(path, method) for path, method, _ in operations(document)}
    deleted = {"/organizations/{key}/projects/{project_key}"}
    deleted |= {"/organizations/{key}/members/{user_id}", "/organizations/{key}/owners/{user_id}"}
    deleted |= {"/organizations/{key}/invitations/{invitation_id}"}
    looked_at.add(("/organizations/{key}/restore", "POST"))
    assert described - looked_at == {(address, "DELETE") for address in deleted}
