"""Who may call what. Every call of the API is in this table, or the last test fails."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve
from django.utils import timezone

from accounts.models import Scope
from accounts.operations import issue_api_token, revoke_api_token
from organizations.models import Organization
from organizations.people import set_permissions
from tests.tokens import letters, make_token

READ, WRITE, IMPORTS = Scope.ORGANIZATIONS_READ, Scope.ORGANIZATIONS_WRITE, Scope.IMPORTS
ANALYSES, CLAIMS = Scope.ANALYSES, Scope.CLAIMS
CALLS = [
    ("POST", "imports", IMPORTS),
    ("GET", "imports/{import_id}", IMPORTS),
    ("POST", "imports/{import_id}/create", IMPORTS),
    ("GET", "key-availability", IMPORTS),
    ("GET", "claims", CLAIMS),
    ("POST", "claims", CLAIMS),
    ("GET", "claims/{claim_id}", CLAIMS),
    ("POST", "claims/{claim_id}/evidence", CLAIMS),
    ("POST", "claims/{claim_id}/withdraw", CLAIMS),
    ("GET", "plans", READ),
    ("GET", "organizations", READ),
    ("GET", "organizations/{key}", READ),
    ("PATCH", "organizations/{key}", WRITE),
    ("DELETE", "organizations/{key}", WRITE),
    ("POST", "organizations/{leaving}/restore", WRITE),
    ("GET", "organizations/{key}/members", READ),
    ("POST", "organizations/{key}/members", WRITE),
    ("PATCH", "organizations/{key}/members/{member_id}", WRITE),
    ("DELETE", "organizations/{key}/members/{member_id}", WRITE),
    ("GET", "organizations/{key}/owners", READ),
    ("POST", "organizations/{key}/owners", WRITE),
    ("DELETE", "organizations/{key}/owners/{owner_id}", WRITE),
    ("GET", "organizations/{key}/invitations", READ),
    ("POST", "organizations/{key}/invitations", WRITE),
    ("DELETE", "organizations/{key}/invitations/{invitation_id}", WRITE),
    ("POST", "organizations/{key}/invitations/{invitation_id}/resend", WRITE),
    ("GET", "organizations/{key}/join-requests", READ),
    ("POST", "organizations/{key}/join-requests/{request_id}/approve", WRITE),
    ("POST", "organizations/{key}/join-requests/{request_id}/decline", WRITE),
    ("GET", "organizations/{key}/audit-events", READ),
    ("GET", "organizations/{key}/binding", READ),
    ("PUT", "organizations/{key}/binding/token", WRITE),
    ("GET", "organizations/{key}/binding/verifications", READ),
    ("POST", "organizations/{key}/binding/verifications", WRITE),
    ("GET", "organizations/{key}/binding/verifications/{verification_id}", READ),
    ("GET", "organizations/{key}/repositories", READ),
    ("GET", "organizations/{key}/projects", READ),
    ("POST", "organizations/{key}/projects", WRITE),
    ("GET", "organizations/{key}/projects/{project_key}", READ),
    ("DELETE", "organizations/{key}/projects/{project_key}", WRITE),
    ("GET", "organizations/{key}/projects/{project_key}/counts", READ),
    ("POST", "organizations/{key}/projects/{project_key}/counts", WRITE),
    ("POST", "organizations/{key}/projects/{project_key}/analyses", ANALYSES),
    ("GET", "organizations/{key}/usage", READ),
    ("GET", "organizations/{key}/usage/projects", READ),
    ("GET", "organizations/{key}/usage/readings", READ),
    ("GET", "organizations/{key}/entitlements", READ),
    ("GET", "organizations/{key}/subscription", READ),
    ("POST", "organizations/{key}/subscription/quotes", WRITE),
    ("POST", "organizations/{key}/subscription/changes", WRITE),
    ("GET", "organizations/{key}/subscription/changes/{change_id}", READ),
    ("GET", "organizations/{key}/invoices", READ),
]
OF_SOMETHING = [call[:2] for call in CALLS if "{" in call[1]]
OWNERS_ONLY = [
    ("PATCH", "organizations/{key}"),
    ("DELETE", "organizations/{key}"),
    ("GET", "organizations/{key}/audit-events"),
    ("PUT", "organizations/{key}/binding/token"),
    ("POST", "organizations/{key}/binding/verifications"),
    ("POST", "organizations/{key}/members"),
    ("PATCH", "organizations/{key}/members/{member_id}"),
    ("DELETE", "organizations/{key}/members/{member_id}"),
    ("POST", "organizations/{key}/owners"),
    ("DELETE", "organizations/{key}/owners/{owner_id}"),
    ("GET", "organizations/{key}/invitations"),
    ("POST", "organizations/{key}/invitations"),
    ("DELETE", "organizations/{key}/invitations/{invitation_id}"),
    ("POST", "organizations/{key}/invitations/{invitation_id}/resend"),
    ("GET", "organizations/{key}/join-requests"),
    ("POST", "organizations/{key}/join-requests/{request_id}/approve"),
    ("POST", "organizations/{key}/join-requests/{request_id}/decline"),
    ("DELETE", "organizations/{key}/projects/{project_key}"),
    ("POST", "organizations/{key}/projects/{project_key}/counts"),
    ("POST", "organizations/{key}/subscription/quotes"),
    ("POST", "organizations/{key}/subscription/changes"),
    ("GET", "organizations/{key}/subscription/changes/{change_id}"),
    ("GET", "organizations/{key}/invoices"),
]
# For members too, as far as an owner lets them: what for, and the code for who may not.
BY_PERMISSION = [
    ("POST", "organizations/{key}/projects", "may_create_projects"),
    ("POST", "organizations/{key}/projects/{project_key}/analyses", "may_run_analyses"),
]
FOR_ANYBODY = ["openapi"]


def call(program, method, address, harbour):
    """With a body that the call would take."""
    body = {"name": "Taken over", "branch": "main", "loc": 10}
    if method in ("POST", "PUT"):
        body |= {"key": "taken-over", "plan": "free"}
        body |= {"organization": "contoso", "token": make_token()}
        body |= {"statement": "Nobody is left.", "kind": "nonce"}
    if "/members" in address or "/invitations" in address:
        body = {"email": "new@example.com", "may_create_projects": True}
    if address.endswith("/owners"):
        body = {"user": str(harbour["member_id"])}
    if "/subscription/" in address:
        body = {"kind": "cancel", "tier": 500_000, "interval": "month"}
    address = f"/api/v1/{address.format(**harbour)}"
    return program.generic(method, address, json.dumps(body), "application/json")


def bearer(secret):
    return Client(headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize(("method", "address", "scope"), CALLS)
def test_a_call_without_a_token_is_refused(client, harbour, unchanged, method, address, scope):
    with unchanged():
        response = call(client, method, address, harbour)

    assert response.status_code == 401
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"] == 'Bearer realm="Mooring"'
    assert response.json()["code"] == "not-authenticated"


@pytest.mark.parametrize(("method", "address", "scope"), CALLS)
def test_a_token_does_only_what_its_scopes_allow(
    program_of, alice, harbour, unchanged, method, address, scope
):
    program = program_of(alice, scopes=[other for other in Scope.values if other != scope])

    with unchanged():
        response = call(program, method, address, harbour)

    assert response.status_code == 403
    assert response.json()["code"] == "scope-missing"
    assert response.json()["title"] == f"This API token lacks the scope {scope}."


@pytest.mark.parametrize(("method", "address", "scope"), CALLS)
def test_one_scope_is_enough_for_a_call(program_of, alice, harbour, method, address, scope):
    response = call(program_of(alice, scopes=[scope]), method, address, harbour)

    assert response.status_code in (200, 201, 202, 204, 409)


@pytest.mark.parametrize(("method", "address"), OF_SOMETHING)
def test_what_one_may_not_see_does_not_exist(
    program_of, charlie, harbour, unchanged, method, address
):
    program = program_of(charlie)

    with unchanged():
        response = call(program, method, address, harbour)

    assert response.status_code == 404
    assert response.json()["code"] == "not-found"


@pytest.mark.parametrize(("method", "address"), OF_SOMETHING)
def test_it_is_answered_like_what_never_existed(program_of, charlie, harbour, method, address):
    nothing = harbour | {"key": "never-was", "import_id": "00000000-0000-4000-8000-000000000000"}
    program = program_of(charlie)

    hidden = call(program, method, address, harbour).json()
    missing = call(program, method, address, nothing).json()

    assert hidden | {"request_id": ""} == missing | {"request_id": ""}


@pytest.mark.parametrize(("method", "address"), OWNERS_ONLY)
def test_a_member_has_no_owners_power(program_of, bob, harbour, unchanged, method, address):
    program = program_of(bob)

    with unchanged():
        response = call(program, method, address, harbour)

    assert response.status_code == 403
    assert response.json()["code"] == "owners-only"


@pytest.mark.parametrize(("method", "address", "permission"), BY_PERMISSION)
def test_a_member_does_what_an_owner_lets_them(
    program_of, alice, bob, harbour, unchanged, method, address, permission
):
    program, organization = program_of(bob), Organization.objects.get(key="harbour")

    set_permissions(organization, bob, by=alice, **{permission: False})
    with unchanged():
        refused = call(program, method, address, harbour)
    set_permissions(organization, bob, by=alice, **{permission: True})
    allowed = call(program, method, address, harbour)

    assert refused.status_code == 403
    assert refused.json()["code"] == permission.replace("may_", "may-not-").replace("_", "-")
    assert allowed.status_code == 201


@pytest.mark.parametrize(("method", "address"), [c for c in OF_SOMETHING if "{key}" in c[1]])
def test_a_member_reads_the_rest(program_of, bob, harbour, method, address):
    permitted = [each[:2] for each in BY_PERMISSION]
    if (method, address) not in OWNERS_ONLY + permitted:
        assert call(program_of(bob), method, address, harbour).status_code in (200, 201)


@pytest.mark.parametrize(("method", "address"), [c for c in OF_SOMETHING if "import" in c[1]])
def test_an_import_is_not_shared_in_an_organization(
    program_of, bob, harbour, unchanged, method, address
):
    program = program_of(bob)

    with unchanged():
        response = call(program, method, address, harbour)

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("method", "place"),
    [("GET", "imports"), ("DELETE", "organizations"), ("PUT", "organizations/harbour")],
)
def test_what_a_place_does_not_do_is_said_so(program_of, alice, harbour, method, place):
    response = call(program_of(alice), method, place, harbour)

    assert response.status_code == 405
    assert response.json()["code"] == "method-not-allowed"


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
def test_a_token_that_is_none_is_refused_with_its_own_code(harbour, alice, make, code):
    response = bearer(make(alice)).get("/api/v1/organizations")

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="Mooring"'
    assert response.json()["code"] == code


@pytest.mark.parametrize("scheme", ["", "Basic ", "Token ", "Bearer: "])
def test_a_token_goes_in_as_a_bearer(alice, scheme):
    _, secret = issue_api_token(alice, name="test", scopes=[READ])

    response = Client(headers={"Authorization": f"{scheme}{secret}"}).get("/api/v1/organizations")

    assert response.status_code == 401
    assert response.json()["code"] == "not-authenticated"


def test_being_signed_in_opens_no_call(browser_of, alice):
    assert browser_of(alice).get("/api/v1/organizations").status_code == 401


def test_a_token_opens_no_page(program_of, alice, harbour):
    response = program_of(alice).get("/organizations/harbour/")

    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")


def test_every_call_is_in_the_table(harbour):
    listed = {(method, resolve_call(address, harbour)) for method, address, _ in CALLS}

    assert listed == set(offered(get_resolver("config.urls").url_patterns))


def resolve_call(address, harbour):
    return resolve(f"/api/v1/{address.format(**harbour)}").view_name


def offered(patterns, inside=""):
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from offered(
                each.url_patterns, f"{each.namespace}:" if each.namespace else inside
            )
        elif inside == "api:" and each.name not in FOR_ANYBODY:
            view = each.callback.cls
            for method in view.http_method_names:
                if method != "options" and hasattr(view, method):
                    yield method.upper(), f"{inside}{each.name}"
