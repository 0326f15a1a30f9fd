"""`organizations/{key}/binding` and `…/repositories` in the API."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.factories import (
    BindingFactory,
    OrganizationFactory,
    RepositoryFactory,
    TokenFactory,
    VerificationFactory,
)
from tests.tokens import make_token

BINDING = "/api/v1/organizations/harbour/binding"
REPOSITORIES = "/api/v1/organizations/harbour/repositories"


@pytest.fixture
def binding(alice, bob):
    organization = OrganizationFactory(key="harbour", owner=alice, member=bob)
    return BindingFactory(organization=organization, external_name="contoso")


def moment(at):
    return at.isoformat().replace("+00:00", "Z")


def test_a_binding_has_this_shape(program_of, bob, binding):
    token = TokenFactory(binding=binding, expires_on=date(2027, 3, 12), expiry_source="declared")
    verification = VerificationFactory(binding=binding)

    answer = program_of(bob).get(BINDING).json()

    assert answer == {
        "id": str(binding.pk),
        "platform": "azure_devops",
        "external": {"id": binding.external_id, "name": "contoso"},
        "created_at": moment(binding.created_at),
        "token": {
            "last_four": "wxyz",
            "fingerprint": "0123456789abcdef",
            "owner_name": "Harbour Robot",
            "verdict": "healthy",
            "verdict_since": moment(token.verdict_since),
            "last_healthy_at": moment(token.healthy_at),
            "expires_on": "2027-03-12",
            "expiry_source": "declared",
            "days_left": (date(2027, 3, 12) - timezone.now().date()).days,
            "is_global": None,
            "last_access_at": None,
            "created_at": moment(token.created_at),
        },
        "next_token": None,
        "verification": {
            "id": str(verification.pk),
            "state": "done",
            "slot": "current",
            "verdict": "healthy",
            "checks": verification.checks,
            "at": moment(verification.at),
        },
    }


def test_the_newest_verification_is_told(program_of, bob, binding):
    before = timezone.now() - timedelta(days=1)
    VerificationFactory(binding=binding, verdict="token_expired")
    VerificationFactory(binding=binding, verdict="healthy", at=before)

    answer = program_of(bob).get(BINDING).json()

    assert answer["verification"]["verdict"] == "token_expired"
    known = {"code", "outcome", "message", "remedy", "latency_ms", "activity_id"}
    assert set(answer["verification"]["checks"][0]) == known


def test_a_check_of_which_no_request_is_known_is_told_as_well(program_of, bob, binding):
    check = {"code": "reachable", "outcome": "pass", "message": "It answered.", "remedy": ""}
    VerificationFactory(binding=binding, checks=[check])

    answer = program_of(bob).get(BINDING).json()

    told = answer["verification"]["checks"]
    assert told == [{**check, "latency_ms": None, "activity_id": ""}]


def test_what_is_not_there_yet_is_null(program_of, bob, binding):
    answer = program_of(bob).get(BINDING).json()

    assert (answer["token"], answer["verification"]) == (None, None)


def test_no_answer_has_the_secret(program_of, alice, binding):
    secret = make_token()
    TokenFactory(binding=binding, secret=secret)
    RepositoryFactory(binding=binding)
    program = program_of(alice)

    for address in (BINDING, REPOSITORIES, "/api/v1/organizations/harbour"):
        answer = program.get(address)
        assert secret[4:40] not in f"{answer.headers}{answer.text}"
        assert "secret" not in answer.text


@pytest.mark.parametrize("address", [BINDING, REPOSITORIES])
def test_an_organization_that_is_not_bound_has_neither(program_of, alice, address):
    OrganizationFactory(key="harbour", owner=alice)

    response = program_of(alice).get(address)

    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_a_repository_has_this_shape(program_of, bob, binding):
    repository = RepositoryFactory(
        binding=binding, name="crane", web_url="https://dev.azure.com/contoso/Quay/_git/crane"
    )

    answer = program_of(bob).get(REPOSITORIES).json()

    assert (answer["next"], answer["previous"]) == (None, None)
    assert answer["results"] == [
        {
            "id": str(repository.pk),
            "external_id": repository.external_id,
            "name": "crane",
            "project_name": "Quay",
            "default_branch": "refs/heads/main",
            "size": 2048,
            "is_public": False,
            "is_disabled": False,
            "is_empty": False,
            "web_url": "https://dev.azure.com/contoso/Quay/_git/crane",
        }
    ]


@pytest.mark.parametrize("query", ["", "?page_size=7", "?page_size=7&q=quay", "?page_size=120"])
def test_the_pages_have_each_repository_once_in_order(program_of, bob, binding, query):
    RepositoryFactory.create_batch(80, binding=binding)
    RepositoryFactory.create_batch(40, binding=binding, name="crane")
    program, address, seen = program_of(bob), REPOSITORIES + query, []

    while address:
        answer = program.get(address).json()
        seen += [(row["name"], row["id"]) for row in answer["results"]]
        address = answer["next"]

    assert len(set(seen)) == len(seen) == 120
    assert [name for name, _ in seen] == sorted(name for name, _ in seen)


@pytest.mark.parametrize(
    ("text", "found"),
    [("CRANE", ["crane"]), ("quay gan", ["gantry"]), ("winch quay", []), ("%", [])],
)
def test_every_word_is_searched_for_in_name_and_project(program_of, bob, binding, text, found):
    for name, project in (("crane", "Quay"), ("gantry", "Quay"), ("winch", "Dock")):
        RepositoryFactory(binding=binding, name=name, project_name=project)

    answer = program_of(bob).get(REPOSITORIES, {"q": text}).json()

    assert [row["name"] for row in answer["results"]] == found


def test_what_vanished_and_what_is_anothers_is_not_listed(program_of, bob, binding):
    RepositoryFactory(binding=binding, name="wreck", vanished_at=timezone.now())
    RepositoryFactory(name="hidden")

    assert program_of(bob).get(REPOSITORIES).json()["results"] == []


def test_odd_names_come_as_they_are(program_of, bob, binding):
    odd = '<script>alert("1")</script> & häfen 港'
    RepositoryFactory(binding=binding, name=odd)

    answer = program_of(bob).get(REPOSITORIES)

    assert answer.json()["results"][0]["name"] == odd
    assert answer["X-Content-Type-Options"] == "nosniff"
