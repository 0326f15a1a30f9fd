"""Who gets to which page. Every address is in one of these lists, or the last test fails."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, resolve

from organizations.models import Organization
from organizations.people import set_permissions

ANYBODY = ["/", "/healthz", "/billing/health/", "/lines-of-code/", "/plans/"]
WHO_IS_SIGNED_IN = [
    "/imports/new/",
    "/imports/key/",
    "/organizations/new/",
    "/organizations/switcher/",
    "/settings/",
    "/settings/api-tokens/",
    "/settings/notifications/",
    "/notifications/",
    "/notifications/read/",
    "/claims/",
    "/claims/new/",
]
# Whoever typed the password again.
AFTER_A_SECOND_LOOK = ["/settings/delete-account/", "/settings/data/", "/settings/data/download/"]
ONE_PERSON = [
    "/imports/{import_id}/",
    "/imports/{import_id}/token/",
    "/imports/{import_id}/again/",
    "/imports/{import_id}/abandon/",
    "/imports/{import_id}/details/",
    "/imports/{import_id}/avatar.png",
    "/imports/{import_id}/estimate/",
    "/imports/{import_id}/plan/",
    "/imports/{import_id}/create/",
    "/imports/{import_id}/payment/",
    "/imports/{import_id}/payment/back/",
    "/imports/{import_id}/join/",
    "/imports/{import_id}/claim/",
    "/claims/{claim_id}/",
    "/claims/{claim_id}/paste/",
    "/claims/{claim_id}/look/",
    "/claims/{claim_id}/answer/",
    "/claims/{claim_id}/withdraw/",
    "/settings/api-tokens/{token_id}/revoke/",
    "/notifications/{notification_id}/",
    "/join-requests/{own_request_id}/withdraw/",
    "/organizations/{leaving}/restore/",
]
MEMBERS = [
    "/organizations/{key}/",
    "/organizations/{key}/members/",
    "/organizations/{key}/members/leave/",
    "/organizations/{key}/avatar/{digest}.png",
    "/organizations/{key}/binding/",
    "/organizations/{key}/binding/history/",
    "/organizations/{key}/binding/calendar/",
    "/organizations/{key}/repositories/",
    "/organizations/{key}/projects/",
    "/organizations/{key}/projects/{project_key}/",
    "/organizations/{key}/lines-of-code/",
    "/organizations/{key}/estimate/",
    "/organizations/{key}/repositories/{repository_id}/lines/",
    "/organizations/{key}/billing/",
    "/organizations/{key}/billing/limit/",
]
OWNERS = [
    "/organizations/{key}/claims/",
    "/organizations/{key}/claims/{their_claim_id}/object/",
    "/organizations/{key}/billing/paid/",
    "/organizations/{key}/binding/token/",
    "/organizations/{key}/binding/name/",
    "/organizations/{key}/binding/expiry/",
    "/organizations/{key}/binding/check/",
    "/organizations/{key}/binding/accept/",
    "/organizations/{key}/binding/use-standby/",
    "/organizations/{key}/binding/undo/",
    "/organizations/{key}/binding/discard/",
    "/organizations/{key}/audit/",
    "/organizations/{key}/audit/events.csv",
    "/organizations/{key}/audit/events.jsonl",
    "/organizations/{key}/settings/",
    "/organizations/{key}/settings/key/",
    "/organizations/{key}/settings/recovery/",
    "/organizations/{key}/settings/delete/",
    "/organizations/{key}/settings/remove-avatar/",
    "/organizations/{key}/members/invite/",
    "/organizations/{key}/members/{member_id}/",
    "/organizations/{key}/members/{member_id}/promote/",
    "/organizations/{key}/members/{member_id}/demote/",
    "/organizations/{key}/members/{member_id}/remove/",
    "/organizations/{key}/members/invitations/{invitation_id}/resend/",
    "/organizations/{key}/members/invitations/{invitation_id}/revoke/",
    "/organizations/{key}/members/requests/{request_id}/approve/",
    "/organizations/{key}/members/requests/{request_id}/decline/",
    "/organizations/{key}/projects/{project_key}/settings/",
    "/organizations/{key}/projects/{project_key}/token/",
    "/organizations/{key}/projects/{project_key}/token/remove/",
    "/organizations/{key}/projects/{project_key}/delete/",
    "/organizations/{key}/projects/{project_key}/count/",
    "/organizations/{key}/lines-of-code/count/",
    "/organizations/{key}/billing/change/",
    "/organizations/{key}/billing/accept/",
    "/organizations/{key}/billing/later/",
    "/organizations/{key}/billing/undo/",
    "/organizations/{key}/billing/cancel/",
    "/organizations/{key}/billing/resume/",
    "/organizations/{key}/billing/details/",
    "/organizations/{key}/billing/tax-id/remove/",
    "/organizations/{key}/billing/portal/",
    "/organizations/{key}/billing/limit/notices/",
    "/organizations/{key}/billing/invoices/{invoice_id}/",
    "/organizations/{key}/billing/invoices/{invoice_id}/pay/",
]
# For members whom an owner let, and for owners.
CREATORS = [
    "/organizations/{key}/projects/add/",
    "/organizations/{key}/projects/add/names/",
    "/organizations/{key}/projects/new/",
]
# The address itself is the key, which other programs have, or whoever is invited.
WHO_HAS_THE_ADDRESS = [
    "/calendar/{feed}.ics",
    "/invitations/{signed}/",
    "/claims/objection/{objection}/",
]
# Whoever confirmed the address that is invited.
THE_INVITED = ["/invitations/{invitation_id}/"]
# What comes there is signed.
WHO_CAN_SIGN = ["/billing/webhooks/stripe/"]
# Where Stripe sends whoever paid; what comes with the address says for which checkout.
FROM_CHECKOUT = ["/imports/{import_id}/paid"]
OTHER_FORMS = [
    "/organizations/{key}/members/leave/",
    "/imports/new/",
    "/settings/notifications/",
    "/account/login/",
]
# These change something, so that looking at them is no way to ask.
POST_ONLY = re.compile(
    r"/(again|abandon|back|count|revoke|remove|remove-avatar|check|accept|use-standby|undo|discard"
    r"|read|portal|resume|later|withdraw|promote|demote|resend|approve|decline"
    r"|paste|look|answer|object|\{notification_id\})/$"
)

# The pages that sign-in brings along.
ENTRANCE = [
    "/account/login/",
    "/account/logout/",
    "/account/signup/",
    "/account/inactive/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/password/reset/key/1-nothing/",
    "/account/password/reset/key/done/",
    "/account/2fa/webauthn/login/",
]
INSIDE = [
    "/account/reauthenticate/",
    "/account/email/",
    "/account/password/change/",
    "/account/password/set/",
    "/account/2fa/",
    "/account/2fa/reauthenticate/",
    "/account/2fa/totp/activate/",
    "/account/2fa/totp/deactivate/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/generate/",
    "/account/2fa/recovery-codes/download/",
    "/account/2fa/webauthn/",
    "/account/2fa/webauthn/add/",
    "/account/2fa/webauthn/reauthenticate/",
    "/account/2fa/webauthn/keys/1/remove/",
    "/account/2fa/webauthn/keys/1/edit/",
]
# The second half of a sign-in or a sign-up, which only its first half leads to.
HALFWAY = [
    "/account/confirm-email/",
    "/account/login/code/confirm/",
    "/account/2fa/authenticate/",
]


def asked(*groups):
    """Every way to ask for these addresses: looking, and sending a form."""
    addresses = [address for group in groups for address in group]
    looks = [("get", address) for address in addresses if not POST_ONLY.search(address)]
    return looks + [("post", address) for address in addresses]


def ask(client, method, address, harbour):
    return getattr(client, method)(address.format(**harbour))


@pytest.mark.parametrize("address", ANYBODY)
def test_some_pages_are_for_anybody(client, db, address):
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("method", "address"),
    asked(
        WHO_IS_SIGNED_IN,
        ONE_PERSON,
        FROM_CHECKOUT,
        MEMBERS,
        CREATORS,
        OWNERS,
        THE_INVITED,
        INSIDE,
        AFTER_A_SECOND_LOOK,
    ),
)
def test_a_stranger_is_asked_to_sign_in(client, harbour, unchanged, method, address):
    with unchanged():
        response = ask(client, method, address, harbour)

    assert response.status_code == 302
    assert response["Location"] == f"/account/login/?next={address.format(**harbour)}"


@pytest.mark.parametrize(("method", "address"), asked(AFTER_A_SECOND_LOOK))
def test_what_is_grave_asks_who_it_is_once_more(
    browser_of, alice, harbour, unchanged, method, address
):
    browser = browser_of(alice)

    with unchanged():
        response = ask(browser, method, address, harbour)

    assert response["Location"].startswith("/account/reauthenticate/?next=")


@pytest.mark.parametrize("address", HALFWAY)
def test_the_second_half_of_a_sign_in_starts_with_the_first(client, db, address):
    response = client.get(address)

    assert (response.status_code, response["Location"]) == (302, "/account/login/")


@pytest.mark.parametrize(
    ("method", "address"),
    asked(ONE_PERSON, FROM_CHECKOUT, MEMBERS, CREATORS, OWNERS, THE_INVITED),
)
def test_what_one_may_not_see_does_not_exist(
    browser_of, charlie, harbour, unchanged, method, address
):
    browser = browser_of(charlie)

    with unchanged():
        response = ask(browser, method, address, harbour)

    assert response.status_code == 404


@pytest.mark.parametrize(("method", "address"), asked(ONE_PERSON, FROM_CHECKOUT))
def test_what_is_one_persons_is_not_shared_in_an_organization(
    browser_of, bob, harbour, unchanged, method, address
):
    browser = browser_of(bob)

    with unchanged():
        response = ask(browser, method, address, harbour)

    assert response.status_code == 404


@pytest.mark.parametrize(("method", "address"), asked(OWNERS))
def test_a_member_has_no_owners_power(browser_of, bob, harbour, unchanged, method, address):
    browser = browser_of(bob)

    with unchanged():
        response = ask(browser, method, address, harbour)

    assert response.status_code == 403
    assert "Only an owner of this organization may do that." in response.text


@pytest.mark.parametrize(("method", "address"), asked(CREATORS))
def test_a_member_creates_projects_once_an_owner_lets_them(
    browser_of, alice, bob, harbour, unchanged, method, address
):
    browser, organization = browser_of(bob), Organization.objects.get(key="harbour")

    with unchanged():
        refused = ask(browser, method, address, harbour)
    set_permissions(organization, bob, by=alice, may_create_projects=True)
    let_in = ask(browser, method, address, harbour)

    assert refused.status_code == 403
    assert "but not create projects in it. An owner can let you" in refused.text
    assert let_in.status_code in (200, 302, 422)


def test_a_member_can_not_delete_even_with_the_key_typed(browser_of, bob, harbour, unchanged):
    browser = browser_of(bob)

    with unchanged():
        response = browser.post("/organizations/harbour/settings/delete/", {"confirm": "harbour"})

    assert response.status_code == 403


@pytest.mark.parametrize(
    "address", [a for a in WHO_IS_SIGNED_IN + MEMBERS if not POST_ONLY.search(a)]
)
def test_a_member_sees_the_rest(browser_of, bob, harbour, address):
    assert ask(browser_of(bob), "get", address, harbour).status_code == 200


@pytest.mark.parametrize(("method", "address"), asked(ONE_PERSON, MEMBERS, CREATORS, OWNERS))
def test_whose_it_is_gets_in(browser_of, alice, harbour, method, address):
    response = ask(browser_of(alice), method, address, harbour)

    assert response.status_code in (200, 302, 422)
    assert not response.get("Location", "").startswith("/account/")


@pytest.mark.parametrize("address", [a for a in ONE_PERSON + OWNERS if POST_ONLY.search(a)])
def test_nothing_is_done_by_looking(browser_of, alice, harbour, unchanged, address):
    browser = browser_of(alice)

    with unchanged():
        response = ask(browser, "get", address, harbour)

    assert response.status_code == 405


@pytest.mark.parametrize(
    "address",
    [
        *ONE_PERSON,
        *CREATORS,
        *OWNERS,
        "/organizations/{key}/members/leave/",
        "/imports/new/",
        "/settings/notifications/",
        "/account/login/",
    ],
)
def test_a_form_from_another_site_is_refused(alice, harbour, unchanged, address):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    with unchanged():
        response = ask(browser, "post", address, harbour)

    assert response.status_code == 403


@pytest.mark.parametrize("address", WHO_HAS_THE_ADDRESS)
def test_an_address_that_is_a_key_opens_for_who_has_it(client, harbour, address):
    guessed = harbour | {"feed": "A" * 43, "signed": "A:B"}
    guessed["objection"] = f"owners.{uuid.uuid4()}:{'A' * 43}"

    assert ask(client, "get", address, harbour).status_code == 200
    assert ask(client, "get", address, guessed).status_code == 404


@pytest.mark.parametrize("address", WHO_CAN_SIGN)
def test_what_is_not_signed_is_refused(client, harbour, unchanged, address):
    with unchanged():
        assert client.get(address).status_code == 405
        assert client.post(address).status_code == 400


def test_every_address_is_in_a_list():
    lists = [ANYBODY, WHO_IS_SIGNED_IN, ONE_PERSON, MEMBERS, OWNERS, ENTRANCE, INSIDE, HALFWAY]
    lists += [CREATORS, THE_INVITED, WHO_HAS_THE_ADDRESS, WHO_CAN_SIGN, FROM_CHECKOUT]
    lists += [AFTER_A_SECOND_LOOK]
    example = {"key": "harbour", "digest": "0" * 64, "feed": "A" * 43, "project_key": "crane"}
    example |= {"invoice_id": "in_1", "signed": "A:B", "objection": "A" * 43, "leaving": "leaving"}
    ids = ["import_id", "token_id", "notification_id", "repository_id", "member_id"]
    ids += ["invitation_id", "request_id", "own_request_id", "claim_id", "their_claim_id"]
    example |= dict.fromkeys(ids, uuid.uuid4())
    listed = [resolve(address.format(**example)).view_name for each in lists for address in each]

    assert set(listed) == set(names(get_resolver()))


def names(resolver, inside=""):
    """The name of every address but the admin's and the API's, which have lists of their own."""
    for each in resolver.url_patterns:
        if not isinstance(each, URLResolver):
            yield f"{inside}{each.name}"
        elif each.namespace not in ("admin", "api"):
            yield from names(each, f"{each.namespace}:" if each.namespace else inside)
