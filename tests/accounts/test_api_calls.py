"""Calls that come too often, twice, or as something that can't be read."""

import pytest

from onboarding.models import Import
from organizations.models import Organization
from tests.factories import ImportFactory
from tests.tokens import make_token

ONE = "/api/v1/organizations/harbour"
LIMIT = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]
WRITES = [
    ("POST", "/api/v1/imports"),
    ("POST", "/api/v1/imports/{import_id}/create"),
    ("PATCH", "/api/v1/organizations/{key}"),
]


def send(program, address, body, key):
    headers = {"Idempotency-Key": key}
    return program.post(address, body, content_type="application/json", headers=headers)


def test_every_answer_tells_how_much_of_the_minute_is_left(program_of, alice, settings):
    settings.API_REQUESTS_PER_MINUTE = 5
    program = program_of(alice)

    answers = [program.get(place) for place in ("/api/v1/organizations", ONE)]

    told = [[answer[name] for name in LIMIT] for answer in answers]
    assert told == [["5", "4", "60"], ["5", "3", "60"]]


def test_who_calls_too_often_waits_for_the_rest_of_the_minute(
    program_of, alice, settings, time_machine
):
    settings.API_REQUESTS_PER_MINUTE = 2
    time_machine.move_to("2026-11-24T12:00:00Z", tick=False)
    program = program_of(alice)
    program.get(ONE)
    time_machine.shift(20)
    program.get(ONE)

    refused = program.get(ONE)

    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert refused["Content-Type"] == "application/problem+json"
    assert 40 <= int(refused["Retry-After"]) <= 42
    assert refused["RateLimit-Remaining"] == "0"
    time_machine.shift(int(refused["Retry-After"]))
    assert program.get(ONE).status_code == 404
    assert program.get(ONE).status_code == 429


def test_a_refused_call_does_nothing(program_of, alice, harbour, unchanged, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    program = program_of(alice)
    program.get(ONE)

    with unchanged():
        response = program.delete(ONE)

    assert response.status_code == 429


def test_each_token_has_a_minute_of_its_own(program_of, alice, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    scanner, terraform = program_of(alice), program_of(alice)
    scanner.get(ONE)

    assert scanner.get(ONE).status_code == 429
    assert terraform.get(ONE).status_code == 404


def test_pages_are_not_counted_with_calls(program_of, browser_of, alice, settings):
    settings.API_REQUESTS_PER_MINUTE = 1
    program_of(alice).get(ONE)

    assert {browser_of(alice).get("/").status_code for _ in range(5)} == {200}


@pytest.mark.parametrize(("method", "address"), WRITES)
@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ('{"name": ', "application/json", 400, "parse-error"),
        ("\xff", "application/json", 400, "parse-error"),
        ("name=Taken+over", "application/x-www-form-urlencoded", 415, "unsupported-media-type"),
        ("<name/>", "application/xml", 415, "unsupported-media-type"),
    ],
)
def test_what_can_not_be_read_is_a_problem(
    program_of, alice, harbour, unchanged, method, address, body, kind, status, code
):
    program, address = program_of(alice), address.format(**harbour)

    with unchanged():
        response = program.generic(method, address, body.encode("latin-1"), kind)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "place", ["nothing", "organizations/", "imports/not-an-id", "imports/1/create", ""]
)
def test_an_address_that_is_none_is_not_found(program_of, alice, place):
    response = program_of(alice).get(f"/api/v1/{place}")

    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_creating_again_under_one_key_is_answered_as_before(program_of, alice):
    import_ = ImportFactory(ready=True, user=alice)
    address = f"/api/v1/imports/{import_.pk}/create"
    body = {"key": "contoso", "name": "Contoso", "plan": "free"}

    first = send(program_of(alice), address, body, "create-1")
    second = send(program_of(alice), address, body, "create-1")

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (first.get("Idempotency-Replayed"), second["Idempotency-Replayed"]) == (None, "true")
    assert Organization.objects.count() == 1


def test_a_call_that_was_refused_may_be_mended_under_its_key(program_of, alice):
    program, token = program_of(alice), make_token()
    body = {"organization": "contoso", "token": token[:-1]}
    assert send(program, "/api/v1/imports", body, "import-1").status_code == 422

    response = send(program, "/api/v1/imports", body | {"token": token}, "import-1")

    assert response.status_code == 201
    assert Import.objects.count() == 1
