"""Who may call what, with which token."""

import json
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Scope
from accounts.operations import issue_api_token, revoke_api_token
from organizations.models import Organization
from organizations.people import set_permissions
from tests.access.matrix_calls import CALLS, HIDDEN, NO_TOKEN, READ
from tests.access.people import IN, KINDS, call_means, differing
from tests.tokens import letters

# Served to anybody, and holds nothing but how to call.
UNLISTED = "/api/v1/openapi.json"
NEVER = "00000000-0000-4000-8000-000000000000"


def call(program, name, names):
    """With a body that the call would take."""
    method, _, path = name.partition(" ")
    row = CALLS[name]
    chosen = {part: names.get(row.where.get(part, part)) for part in names}
    body = {key: str(names.get(value, value)) if key == "user" else value
            for key, value in row.body.items()}  # fmt: skip
    address = f"/api/v1{path.format(**chosen)}"
    return program.generic(method, address, json.dumps(body), "application/json")


def answers(world, program):
    """What a program gets for every call."""

    def ask(name):
        return world.answer(lambda: call(program, name, world.names), call_means)

    return {name: ask(name) for name in CALLS}


def test_every_call_has_a_row_and_every_row_a_call(client, db):
    paths = client.get(UNLISTED).json()["paths"]
    offered = {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in paths.items()
        for method in methods
    }

    assert set(CALLS) == offered


@pytest.mark.parametrize("kind", KINDS)
def test_a_call_answers_as_the_table_says_and_changes_only_what_one_may(world, kind):
    wanted = {name: row.who[KINDS.index(kind)] for name, row in CALLS.items()}

    assert differing(answers(world, world.programs[kind]), wanted) == {}


@pytest.mark.parametrize("scope", Scope.values)
def test_one_scope_is_enough_for_its_calls_and_for_no_other(world, scope):
    missing = dict.fromkeys(CALLS, "403 scope-missing")
    wanted = missing | {name: IN for name, row in CALLS.items() if row.scope == scope}

    got = answers(world, world.program("owner", scopes=[scope]))

    assert differing(got, wanted) == {}


def test_all_other_scopes_make_up_for_none_and_the_missing_one_is_named(world):
    lacking = {
        scope: world.program("owner", scopes=[each for each in Scope.values if each != scope])
        for scope in Scope.values
    }

    def said(name, row):
        ask = partial(call, lacking[row.scope], name, world.names)
        return world.answer(ask, lambda response: response.json()["title"])

    wanted = {name: f"This API token lacks the scope {row.scope}." for name, row in CALLS.items()}
    assert differing({name: said(name, row) for name, row in CALLS.items()}, wanted) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_being_signed_in_opens_no_call(world, kind):
    got = answers(world, world.browser(kind))

    assert differing(got, dict.fromkeys(CALLS, NO_TOKEN)) == {}


@pytest.mark.parametrize("kind", ["stranger", "neighbour", "superuser"])
def test_what_is_hidden_is_answered_like_what_never_existed(world, kind):
    """Other than by the number of the request."""
    never = world.names | {"key": "never-was", "leaving": "never-was", "import_id": NEVER}
    never["claim_id"] = NEVER
    program = world.programs[kind]
    hidden = [name for name, row in CALLS.items() if row.who[KINDS.index(kind)] == HIDDEN]

    def body(name, names):
        return call(program, name, names).json() | {"request_id": ""}

    assert len(hidden) > 40
    assert [name for name in hidden if body(name, world.names) != body(name, never)] == []


@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("POST /organizations/{key}/projects", "may_create_projects"),
        ("POST /organizations/{key}/projects/{project_key}/analyses", "may_run_analyses"),
    ],
)
def test_a_member_does_what_an_owner_lets_them(world, name, permission):
    program, organization = world.programs["member"], Organization.objects.get(key="harbour")
    owner, member = world.people["owner"], world.people["member"]

    def let(is_allowed):
        set_permissions(organization, member, by=owner, **{permission: is_allowed})
        return call_means(call(program, name, world.names))

    code = permission.replace("may_", "may-not-").replace("_", "-")
    assert let(False) == f"403 {code}"
    assert let(True) == IN


@pytest.mark.parametrize(
    ("method", "place"),
    [("GET", "imports"), ("DELETE", "organizations"), ("PUT", "organizations/harbour")],
)
def test_what_a_place_does_not_do_is_said_so(world, method, place):
    response = world.programs["owner"].generic(method, f"/api/v1/{place}")

    assert call_means(response) == "405 method-not-allowed"


def unknown(user):
    return f"moor_{letters(43)}"


def cut(user):
    return issue_api_token(user, name="test", scopes=[READ])[1][:-1]


def revoked(user):
    token, secret = issue_api_token(user, name="test", scopes=[READ])
    revoke_api_token(token)
    return secret


def digest(user):
    return issue_api_token(user, name="test", scopes=[READ])[0].digest


def expired(user):
    past = timezone.now() - timedelta(seconds=1)
    return issue_api_token(user, name="test", scopes=[READ], expires_at=past)[1]


def of_somebody_who_left(user):
    user.is_active = False
    user.save()
    return issue_api_token(user, name="test", scopes=[READ])[1]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (unknown, "token-unknown"),
        (cut, "token-unknown"),
        (revoked, "token-unknown"),
        (digest, "token-unknown"),
        (of_somebody_who_left, "token-unknown"),
        (expired, "token-expired"),
    ],
)
def test_a_token_that_is_none_is_refused_with_its_own_code(alice, make, code):
    program = Client(headers={"Authorization": f"Bearer {make(alice)}"})

    assert call_means(program.get("/api/v1/organizations")) == f"401 {code}"


@pytest.mark.parametrize("scheme", ["", "Basic ", "Token ", "Bearer: "])
def test_a_token_goes_in_as_a_bearer(alice, scheme):
    _, secret = issue_api_token(alice, name="test", scopes=[READ])
    program = Client(headers={"Authorization": f"{scheme}{secret}"})

    assert call_means(program.get("/api/v1/organizations")) == NO_TOKEN


def test_a_token_opens_no_page(world):
    response = world.programs["owner"].get("/organizations/harbour/")

    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")
