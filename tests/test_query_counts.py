"""Every page and every call asks the database as often for sixty rows as for two."""

import json
import re
import uuid

import pytest
from django.db import transaction
from django.urls import URLResolver, get_resolver, resolve

from tests.many_rows import filled, harbour
from tests.tokens import make_token

FEW, MANY = 2, 60

PAGES = [
    "/",
    "/healthz",
    "/billing/health/",
    "/organizations/new/",
    "/organizations/switcher/",
    "/organizations/switcher/?q=harbour",
    "/organizations/{key}/",
    "/organizations/{key}/members/",
    "/organizations/{key}/members/?q=person",
    "/organizations/{key}/members/invite/",
    "/organizations/{key}/members/leave/",
    "/organizations/{key}/members/{member_id}/",
    "/invitations/{signed}/",
    "/organizations/{key}/binding/",
    "/organizations/{key}/binding/calendar/",
    "/organizations/{key}/binding/expiry/",
    "/organizations/{key}/binding/history/",
    "/organizations/{key}/binding/name/",
    "/organizations/{key}/binding/token/",
    "/organizations/{key}/repositories/",
    "/calendar/{feed}.ics",
    "/organizations/{key}/repositories/?q=crane",
    "/organizations/{key}/projects/",
    "/organizations/{key}/projects/?q=project",
    "/organizations/{key}/projects/add/",
    "/organizations/{key}/projects/add/names/",
    "/organizations/{key}/projects/new/",
    "/organizations/{key}/projects/{project_key}/",
    "/organizations/{key}/projects/{project_key}/settings/",
    "/organizations/{key}/projects/{project_key}/token/",
    "/organizations/{key}/projects/{project_key}/delete/",
    "/organizations/{key}/billing/",
    "/organizations/{key}/billing/change/",
    "/organizations/{key}/billing/cancel/",
    "/organizations/{key}/billing/details/",
    "/organizations/{key}/billing/limit/",
    "/organizations/{key}/billing/limit/notices/",
    "/organizations/{key}/billing/invoices/{invoice}/",
    "/organizations/{key}/billing/invoices/{invoice}/pay/",
    "/organizations/{key}/lines-of-code/",
    "/organizations/{key}/lines-of-code/?days=365&q=project",
    "/organizations/{key}/estimate/",
    "/organizations/{key}/repositories/{repository}/lines/",
    "/lines-of-code/",
    "/plans/",
    "/organizations/{key}/audit/",
    "/organizations/{key}/audit/?family=token&email=alice@example.com&channel=page",
    "/organizations/{key}/audit/events.csv",
    "/organizations/{key}/audit/events.jsonl",
    "/organizations/{key}/settings/",
    "/organizations/{key}/settings/key/",
    "/organizations/{key}/settings/recovery/",
    "/organizations/{key}/settings/delete/",
    "/organizations/{leaving}/restore/",
    "/organizations/{key}/avatar/{digest}.png",
    "/imports/new/",
    "/imports/key/?key=contoso",
    "/imports/key/?key={key}",
    "/imports/{fork_id}/",
    "/imports/{fork_id}/join/",
    "/imports/{asking_id}/join/",
    "/imports/{fork_id}/claim/",
    "/imports/{import_id}/",
    "/imports/{import_id}/details/",
    "/imports/{import_id}/avatar.png",
    "/imports/{import_id}/estimate/",
    "/imports/{import_id}/plan/",
    "/imports/{import_id}/create/",
    "/imports/{paying_id}/payment/",
    "/imports/{paying_id}/paid?session_id=session-{size}-0",
    "/organizations/{key}/billing/paid/",
    "/claims/",
    "/claims/new/",
    "/claims/{claim_id}/",
    "/claims/objection/{objection}/",
    "/organizations/{key}/claims/",
    "/imports/{fork_id}/claim/",
    "/settings/",
    "/settings/api-tokens/",
    "/settings/data/",
    "/settings/data/download/",
    "/settings/delete-account/",
    "/settings/notifications/",
    "/notifications/",
    "/notifications/?show=unread",
]
PARTS = [
    "/organizations/{key}/members/?q=person",
    "/organizations/switcher/?q=harbour",
    "/organizations/{key}/binding/",
    "/organizations/{key}/repositories/?panel=1",
    "/organizations/{key}/repositories/?q=crane",
    "/organizations/{key}/projects/?panel=1",
    "/organizations/{key}/projects/{project_key}/",
    "/organizations/{key}/billing/?panel=1",
    "/organizations/{key}/billing/limit/",
    "/organizations/{key}/billing/limit/?panel=1",
    "/organizations/{key}/billing/?ending=1",
    "/organizations/{key}/lines-of-code/?panel=1",
    "/organizations/{key}/lines-of-code/?counting=1",
    "/organizations/{key}/lines-of-code/?q=project",
    "/organizations/{key}/estimate/",
    "/organizations/{key}/repositories/{repository}/lines/",
    "/organizations/{key}/projects/new/?name=crane",
    "/imports/{import_id}/",
    "/imports/{import_id}/estimate/",
]
FORMS = [
    ("/organizations/{key}/members/invite/", {"email": "new@example.com", "role": "member"}),
    ("/organizations/{key}/members/leave/", {}),
    ("/organizations/{key}/members/{member_id}/", {"may_create_projects": "on"}),
    ("/organizations/{key}/members/{member_id}/promote/", {}),
    ("/organizations/{key}/members/{owner_id}/demote/", {}),
    ("/organizations/{key}/members/{member_id}/remove/", {}),
    ("/organizations/{key}/members/invitations/{invitation_id}/resend/", {}),
    ("/organizations/{key}/members/invitations/{invitation_id}/revoke/", {}),
    ("/organizations/{key}/members/requests/{request_id}/approve/", {}),
    ("/organizations/{key}/members/requests/{request_id}/decline/", {}),
    ("/join-requests/{own_request_id}/withdraw/", {}),
    ("/imports/{asking_id}/join/", {"note": "I run the cranes."}),
    ("/organizations/{key}/binding/accept/", {}),
    ("/organizations/{key}/binding/calendar/", {}),
    ("/organizations/{key}/binding/check/", {}),
    ("/organizations/{key}/binding/discard/", {}),
    ("/organizations/{key}/binding/expiry/", {"token_expires_on": "2026-12-24"}),
    ("/organizations/{key}/binding/name/", {"organization": "contoso-port"}),
    ("/organizations/{key}/binding/token/", {"token": make_token(), "when": "now"}),
    ("/organizations/{key}/binding/undo/", {}),
    ("/organizations/{key}/binding/use-standby/", {}),
    ("/organizations/{key}/projects/add/", {"act": "all"}),
    ("/organizations/{key}/projects/add/names/", {"act": "names", "kept": "{free}"}),
    ("/organizations/{key}/projects/new/", {"name": "Sketch"}),
    ("/organizations/{key}/projects/{project_key}/settings/", {"name": "Crane", "rules": ""}),
    ("/organizations/{key}/projects/{project_key}/token/remove/", {}),
    ("/organizations/{key}/projects/{project_key}/delete/", {}),
    ("/organizations/{key}/projects/{project_key}/count/", {}),
    ("/organizations/{key}/billing/change/", {"loc_limit": "500000", "interval": "month"}),
    ("/organizations/{key}/billing/accept/", {"quote": "00000000-0000-4000-8000-000000000000"}),
    ("/organizations/{key}/billing/later/", {"price": "team-500k-month-eur-v1"}),
    ("/organizations/{key}/billing/undo/", {}),
    ("/organizations/{key}/billing/cancel/", {"feedback": "unused"}),
    ("/organizations/{key}/billing/resume/", {}),
    (
        "/organizations/{key}/billing/details/",
        {"email": "money@example.com", "name": "Harbour", "country": "DE"},
    ),
    ("/organizations/{key}/billing/tax-id/remove/", {"tax_id": "txi_1"}),
    ("/organizations/{key}/billing/portal/", {}),
    ("/organizations/{key}/billing/limit/notices/", {"thresholds": "75, 100"}),
    ("/organizations/{key}/lines-of-code/count/", {}),
    ("/organizations/{key}/estimate/", {"act": "again"}),
    ("/organizations/{key}/estimate/", {"act": "stop"}),
    ("/organizations/{key}/repositories/{repository}/lines/", {"act": "again"}),
    ("/imports/new/", {"organization": "contoso-{size}", "token": make_token()}),
    ("/imports/{fork_id}/token/", {"organization": "contoso", "token": make_token()}),
    ("/imports/{fork_id}/again/", {}),
    ("/imports/{import_id}/abandon/", {}),
    ("/imports/{import_id}/details/", {"name": "Contoso", "key": "contoso-{size}"}),
    ("/imports/{import_id}/estimate/", {"act": "stop"}),
    ("/imports/{import_id}/plan/", {"plan": "free"}),
    ("/imports/{import_id}/plan/", {"act": "more"}),
    ("/imports/{import_id}/create/", {}),
    ("/imports/{paying_id}/payment/back/", {}),
    ("/organizations/{key}/settings/", {"name": "New Harbour"}),
    ("/organizations/{key}/settings/remove-avatar/", {}),
    ("/organizations/{key}/settings/key/", {"key": "port-{size}", "confirm": "{key}"}),
    ("/organizations/{key}/settings/recovery/", {"recovery_email": "it@example.com"}),
    ("/claims/new/", {"organization": "quay-{size}", "statement": "Nobody is left."}),
    ("/claims/{claim_id}/paste/", {"token": make_token()}),
    ("/claims/{claim_id}/look/", {}),
    ("/claims/{claim_id}/answer/", {"text": "The invoice is in my name."}),
    ("/claims/{claim_id}/withdraw/", {}),
    ("/claims/objection/{objection}/", {"reason": "I am here."}),
    ("/organizations/{key}/claims/{their_claim_id}/object/", {"reason": "I am here."}),
    ("/imports/{other_fork_id}/claim/", {"statement": "Nobody is left."}),
    ("/organizations/{leaving}/restore/", {}),
    ("/settings/api-tokens/", {"name": "Scanner", "scopes": "imports", "days": "90"}),
    ("/settings/api-tokens/{token_id}/revoke/", {}),
    ("/settings/delete-account/", {"email": "alice@example.com"}),
    ("/settings/notifications/", {"token_expiring": "on"}),
    ("/notifications/{notification_id}/", {}),
    ("/notifications/read/", {}),
]
QUOTE = {"tier": 500_000, "interval": "month"}
CREATE = {"key": "contoso-{size}", "name": "Contoso", "plan": "free"}
CALLS = [
    ("GET", "organizations", None),
    ("GET", "organizations/{key}", None),
    ("PATCH", "organizations/{key}", {"name": "New Harbour"}),
    ("GET", "organizations/{key}/audit-events", None),
    ("GET", "organizations/{key}/audit-events?family=token", None),
    ("POST", "organizations/{leaving}/restore", {}),
    ("GET", "organizations/{key}/members", None),
    ("POST", "organizations/{key}/members", {"email": "new@example.com"}),
    ("PATCH", "organizations/{key}/members/{member_id}", {"may_create_projects": True}),
    ("DELETE", "organizations/{key}/members/{member_id}", None),
    ("GET", "organizations/{key}/owners", None),
    ("POST", "organizations/{key}/owners", {"user": "{member_id}"}),
    ("DELETE", "organizations/{key}/owners/{owner_id}", None),
    ("GET", "organizations/{key}/invitations", None),
    ("POST", "organizations/{key}/invitations", {"email": "new@example.com"}),
    ("DELETE", "organizations/{key}/invitations/{invitation_id}", None),
    ("POST", "organizations/{key}/invitations/{invitation_id}/resend", {}),
    ("GET", "organizations/{key}/join-requests", None),
    ("POST", "organizations/{key}/join-requests/{request_id}/approve", {}),
    ("POST", "organizations/{key}/join-requests/{request_id}/decline", {}),
    ("GET", "organizations/{key}/binding", None),
    ("PUT", "organizations/{key}/binding/token", {"token": make_token()}),
    ("GET", "organizations/{key}/binding/verifications", None),
    ("POST", "organizations/{key}/binding/verifications", {}),
    ("GET", "organizations/{key}/binding/verifications/{verification_id}", None),
    ("GET", "organizations/{key}/repositories", None),
    ("GET", "organizations/{key}/repositories?q=crane", None),
    ("GET", "organizations/{key}/projects", None),
    ("GET", "organizations/{key}/projects?q=project", None),
    ("POST", "organizations/{key}/projects", {"repository": "{repository}"}),
    ("GET", "organizations/{key}/projects/{project_key}", None),
    ("DELETE", "organizations/{key}/projects/{project_key}", None),
    ("GET", "organizations/{key}/projects/{project_key}/counts", None),
    ("POST", "organizations/{key}/projects/{project_key}/counts", {}),
    ("POST", "organizations/{key}/projects/{project_key}/analyses", {"branch": "x", "loc": 7}),
    ("GET", "organizations/{key}/usage", None),
    ("GET", "organizations/{key}/usage/projects", None),
    ("GET", "organizations/{key}/usage/readings", None),
    ("GET", "organizations/{key}/entitlements", None),
    ("GET", "organizations/{key}/subscription", None),
    ("GET", "organizations/{key}/invoices", None),
    ("POST", "organizations/{key}/subscription/quotes", QUOTE),
    ("POST", "organizations/{key}/subscription/changes", {"kind": "cancel"}),
    ("GET", "organizations/{key}/subscription/changes/{change}", None),
    ("POST", "imports", {"organization": "contoso-{size}", "token": make_token()}),
    ("GET", "imports/{import_id}", None),
    ("GET", "imports/{fork_id}", None),
    ("POST", "imports/{import_id}/create", CREATE),
    ("GET", "key-availability?key={key}", None),
    ("GET", "plans", None),
    ("GET", "claims", None),
    ("POST", "claims", {"organization": "quay-{size}", "statement": "Nobody is left."}),
    ("GET", "claims/{claim_id}", None),
    ("POST", "claims/{claim_id}/evidence", {"kind": "token", "token": make_token()}),
    ("POST", "claims/{claim_id}/withdraw", {}),
    ("GET", "openapi.json", None),
]


@pytest.fixture
def dearer(queries, settings):
    """`dearer(alice, {"/": ask, …})`: what costs more, or less, among many rows than among few, as
    (few, many). Each is asked on its own: then all is as it was.
    """

    def measure(user, asks):
        costs = {name: [] for name in asks}
        for size in (FEW, MANY):
            names = harbour(user, size)
            for name, ask in asks.items():
                mark, settings.CACHES = transaction.savepoint(), of_its_own(settings.CACHES)
                with queries() as asked:
                    response = ask(names)
                assert response.status_code < 400, f"{name}: {response.text}"
                costs[name].append(len(asked))
                transaction.savepoint_rollback(mark)
        return {name: found for name, found in costs.items() if len(set(found)) > 1}

    return measure


def of_its_own(caches):
    """So that nobody is asked too often."""
    return {"default": {**caches["default"], "KEY_PREFIX": f"test-{uuid.uuid4().hex}"}}


def test_pages_cost_the_same_among_few_and_many(browser_of, alice, dearer):
    browser = browser_of(alice)
    browser.get("/")

    def visit(address):
        return lambda names: browser.get(address.format(**names))

    assert dearer(alice, {address: visit(address) for address in PAGES}) == {}


def test_parts_cost_the_same_among_few_and_many(browser_of, alice, dearer):
    browser = browser_of(alice)
    htmx = {"HX-Request": "true"}

    def visit(address):
        return lambda names: browser.get(address.format(**names), headers=htmx)

    assert dearer(alice, {address: visit(address) for address in PARTS}) == {}


def test_forms_cost_the_same_among_few_and_many(browser_of, alice, dearer):
    browser = browser_of(alice)

    def send(address, typed):
        return lambda names: browser.post(address.format(**names), filled(typed, names))

    asks = {f"{address} {typed}": send(address, typed) for address, typed in FORMS}
    assert dearer(alice, asks) == {}


def test_calls_cost_the_same_among_few_and_many(program_of, alice, dearer):
    program = program_of(alice)
    program.get("/api/v1/organizations")  # which notes the token's use

    def call(method, address, body):
        def ask(names):
            place, given = f"/api/v1/{address.format(**names)}", json.dumps(filled(body, names))
            return program.generic(method, place, given, "application/json")

        return ask

    asks = {
        f"{method} {address} {body}": call(method, address, body) for method, address, body in CALLS
    }
    assert dearer(alice, asks) == {}


def test_a_stranger_costs_nothing(client, db, queries):
    with queries() as asked:
        client.get("/")

    assert len(asked) == 0


def test_nothing_is_left_out():
    example = {"key": "harbour", "digest": "0" * 64, "size": FEW}
    example |= {"feed": "A" * 43, "project_key": "crane", "signed": "A:B", "leaving": "leaving"}
    ids = [
        "import_id",
        "fork_id",
        "paying_id",
        "token_id",
        "verification_id",
        "notification_id",
        "repository",
    ]
    ids += ["change", "invoice", "member_id", "owner_id", "invitation_id", "request_id"]
    ids += ["own_request_id", "asking_id", "claim_id", "their_claim_id", "other_fork_id"]
    example["objection"] = "A" * 43
    example |= dict.fromkeys(ids, uuid.uuid4())
    addresses = [*PAGES, *(address for address, _ in FORMS)]
    addresses += [f"/api/v1/{address}" for _, address, _ in CALLS]

    listed = {name_of(address.format(**example)) for address in addresses}
    # One statement, which its own test holds.
    listed.add("stripe:webhook")
    # Two look-ups and a redirect.
    listed.add("people:invited")

    assert listed == set(names_of(get_resolver()))


def name_of(address):
    return resolve(address.partition("?")[0]).view_name


def names_of(resolver, inside=""):
    """The name of every address but those that sign-in and the admin bring along."""
    for each in resolver.url_patterns:
        if not isinstance(each, URLResolver):
            if not re.match("account_|mfa_", each.name or ""):
                yield f"{inside}{each.name}"
        elif each.namespace != "admin":
            yield from names_of(each, f"{each.namespace}:" if each.namespace else inside)
