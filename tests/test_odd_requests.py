"""Requests that no browser of ours sends: each gets a clear no, and never a crash."""

import base64
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.context import CHANNELS
from organizations.models import Organization
from tests.factories import BindingFactory, ImportFactory, RepositoryFactory, SizeFactory
from tests.pictures import png

CURSORS = [
    ["a", "b"],
    ["crane", "not-a-uuid"],
    [1, 2],
    "x",
    ["a\0", "b"],
    ["\ud800", "b"],
    {"a": "b"},
]


def cursor(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize("value", CURSORS, ids=str)
def test_a_cursor_that_was_tampered_with_starts_at_the_beginning(browser_of, alice, value):
    binding = BindingFactory(organization__owner=alice)
    RepositoryFactory(binding=binding, name="crane")
    address = f"/organizations/{binding.organization.key}/repositories/"

    page = browser_of(alice).get(address, {"after": cursor(value)})

    assert page.status_code == 200
    assert "crane" in page.text


@pytest.mark.parametrize("loc", ["", "1e3", "9" * 400, "-1", "٣", "nan"])
def test_a_cursor_with_an_odd_number_breaks_nothing(browser_of, alice, loc):
    organization = SizeFactory(project__organization__owner=alice).project.organization
    address = f"/organizations/{organization.key}/lines-of-code/"

    page = browser_of(alice).get(address, {"after": cursor([loc, str(uuid.uuid4())])})

    assert page.status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/organizations/%00/",
        "/organizations/switcher/?q=%00",
        "/?after=%00",
        "/api/v1/organizations/%00",
        "/api/v1/key-availability?key=%00",
    ],
)
def test_a_null_character_is_refused(browser_of, alice, address):
    assert browser_of(alice).get(address).status_code == 400


def test_hyphens_are_no_import(browser_of, alice):
    assert browser_of(alice).get(f"/imports/{'-' * 36}/join/").status_code == 404


@pytest.mark.parametrize("body", ["[" * 100_000, "{", "\xff", '"text"', "null", "[]"], ids=repr)
def test_a_body_that_is_no_object_is_told_so(program_of, alice, body):
    response = program_of(alice).post("/api/v1/imports", body, content_type="application/json")

    assert response.status_code in (400, 422)
    assert response.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("place", ["organizations", "organizations/harbour/repositories"])
def test_a_null_character_inside_a_cursor_is_no_page(program_of, alice, place):
    BindingFactory(organization__key="harbour", organization__owner=alice)
    odd = base64.b64encode(b"p=%00").decode()

    response = program_of(alice).get(f"/api/v1/{place}", {"cursor": odd})

    assert response.status_code == 404


def test_half_a_character_is_malformed(program_of, alice):
    body = r'{"platform": "\ud800", "organization": "contoso", "token": "x"}'

    response = program_of(alice).post("/api/v1/imports", body, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (400, "parse-error")


def test_an_unknown_address_of_the_api_is_answered_in_its_form(db, client):
    response = client.get("/api/v1/nowhere")

    assert (response.status_code, response.json()["code"]) == (404, "not-found")
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_method_that_is_not_there_is_told_so_and_not_a_missing_scope(program_of, alice):
    response = program_of(alice).put("/api/v1/organizations")

    assert (response.status_code, response.json()["code"]) == (405, "method-not-allowed")


def test_guessing_api_tokens_is_limited(db, client, settings):
    settings.API_REQUESTS_PER_MINUTE = 5

    codes = [
        client.get("/api/v1/organizations", headers={"Authorization": f"Bearer moor_{n}"})
        for n in range(7)
    ]

    assert [response.status_code for response in codes] == [401] * 5 + [429] * 2
    assert codes[-1].headers["Retry-After"]


def test_a_form_without_its_mark_is_explained_in_the_frame(alice):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)

    response = browser.post("/imports/new/", {"organization": "contoso"})

    assert response.status_code == 403
    assert "This form is out of date" in response.text
    assert "Mooring" in response.text


def test_a_token_in_the_organization_field_is_not_shown_again(browser_of, alice, sandbox):
    token = sandbox.token("healthy")

    for typed in (
        token,
        f"https://contoso:{token}@dev.azure.com/contoso",
        "x" * 3000 + f" {token}",
    ):
        page = browser_of(alice).post("/imports/new/", {"organization": typed, "token": ""})

        assert page.status_code == 422
        assert token not in page.text


def test_a_plan_that_is_not_sold_yet_is_refused_on_the_page_too(browser_of, alice):
    import_ = ImportFactory(ready=True, user=alice, has_plan=False)

    response = browser_of(alice).post(f"/imports/{import_.pk}/plan/", {"plan": "enterprise"})

    import_.refresh_from_db()
    assert (response.status_code, import_.has_plan) == (422, False)


def test_a_key_that_is_taken_at_the_last_moment_leads_back_to_its_field(browser_of, alice):
    import_ = ImportFactory(ready=True, user=alice, key="contoso")
    BindingFactory(organization__key="contoso")

    response = browser_of(alice).post(f"/imports/{import_.pk}/create/", follow=True)

    assert response.redirect_chain[-1][0] == f"/imports/{import_.pk}/details/"
    assert "This key is taken" in response.text
    assert Organization.objects.count() == 1


def test_a_picture_of_one_endless_line_is_refused_before_it_is_unpacked(browser_of, alice):
    import_ = ImportFactory(ready=True, user=alice)
    picture = png(1, 15_000_000)

    response = browser_of(alice).post(
        f"/imports/{import_.pk}/details/",
        {"name": "Contoso", "key": "contoso", "avatar": SimpleUploadedFile("a.png", picture)},
    )

    assert response.status_code == 422
    assert "more pixels than we unpack" in response.text


def test_how_things_come_in_is_one_of_four(db, client):
    assert CHANNELS == ("page", "api", "admin", "system")
    assert client.generic("OPTIONS", "*").status_code == 404


def test_an_address_without_its_scheme_is_completed_as_far_as_it_fits(browser_of, alice):
    import_ = ImportFactory(ready=True, user=alice, key="", has_details=False)
    details = f"/imports/{import_.pk}/details/"
    typed = {"name": "Contoso", "key": "contoso"}

    too_long = browser_of(alice).post(details, typed | {"url": f"example.com/{'x' * 240}"})
    fits = browser_of(alice).post(details, typed | {"url": "example.com"})

    import_.refresh_from_db()
    assert (too_long.status_code, fits.status_code) == (422, 302)
    assert import_.url == "https://example.com"
