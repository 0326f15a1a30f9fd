"""`organizations` in the API: list, look, change, delete."""

import pytest

from organizations.models import AuditEvent, Organization
from tests.factories import OrganizationFactory, UserFactory

LIST, ONE = "/api/v1/organizations", "/api/v1/organizations/harbour"
KNOWN = {"name": "Harbour", "description": "Ships", "url": "https://example.com"}


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", owner=alice, member=bob, **KNOWN)


def patch(program, **changes):
    return program.patch(ONE, changes, content_type="application/json")


def test_an_organization_has_this_shape(program_of, alice, harbour):
    response = program_of(alice).get(ONE)

    assert response["Content-Type"] == "application/json"
    assert response.json() == {
        "id": str(harbour.pk),
        "key": "harbour",
        **KNOWN,
        "is_owner": True,
        "recovery_email": "",
        "created_at": harbour.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_a_list_has_ones_own_by_key(program_of, bob, harbour):
    OrganizationFactory(key="a-dock", owner=bob)
    OrganizationFactory(key="hidden", owner=UserFactory())

    answer = program_of(bob).get(LIST).json()

    found = [(row["key"], row["is_owner"]) for row in answer["results"]]
    assert found == [("a-dock", True), ("harbour", False)]
    assert (answer["next"], answer["previous"]) == (None, None)


@pytest.mark.parametrize("size", ["", "?page_size=7", "?page_size=103"])
def test_the_pages_have_each_organization_once_in_order(program_of, alice, size):
    OrganizationFactory.create_batch(103, owner=alice)
    program, address, keys = program_of(alice), f"{LIST}{size}", []

    while address:
        answer = program.get(address).json()
        keys += [row["key"] for row in answer["results"]]
        address = answer["next"]

    assert len(keys) == 103
    assert keys == sorted(set(keys))


def test_a_page_leads_back_to_the_one_before(program_of, alice):
    OrganizationFactory.create_batch(6, owner=alice)
    program = program_of(alice)
    first = program.get(f"{LIST}?page_size=3").json()

    second = program.get(first["next"]).json()

    assert program.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize(
    ("size", "length"), [("", 50), ("?page_size=1000", 200), ("?page_size=0", 50)]
)
def test_a_page_has_a_sane_length(program_of, alice, size, length):
    OrganizationFactory.create_batch(205, owner=alice)

    answer = program_of(alice).get(f"{LIST}{size}").json()

    assert len(answer["results"]) == length


def test_a_cursor_from_nowhere_is_a_problem(program_of, alice):
    response = program_of(alice).get(f"{LIST}?cursor=nowhere")

    assert (response.status_code, response.json()["code"]) == (404, "not-found")


def test_a_change_is_answered_kept_and_recorded(program_of, alice, harbour):
    response = patch(program_of(alice), name="New Harbour", url="")

    assert response.status_code == 200
    assert response.json()["name"] == "New Harbour"
    assert Organization.objects.filter(name="New Harbour", description="Ships", url="").exists()
    event = AuditEvent.objects.get()
    assert (event.action, event.channel, event.actor) == ("organization.changed", "api", alice)
    assert event.data == {"fields": ["name", "url"]}


@pytest.mark.parametrize("changes", [{}, KNOWN, {"nothing": "known"}])
def test_no_change_is_no_event(program_of, alice, harbour, changes):
    response = patch(program_of(alice), **changes)

    assert response.status_code == 200
    assert response.json()["key"] == "harbour"
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": " "},
        {"name": None},
        {"name": "n" * 256},
        {"name": ["Harbour"]},
        {"name": "Harbour\u0000"},
        {"description": "d" * 1001},
        {"url": "example"},
        {"url": "javascript:alert(1)"},
        {"url": "ftp://example.com"},
        {"key": ["another"]},
        {"url": f"https://example.com/{'u' * 250}"},
    ],
)
def test_a_change_that_can_not_be_names_its_field(program_of, alice, harbour, changes):
    response = patch(program_of(alice), **{"name": "New Harbour"} | changes)

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "invalid"
    assert set(response.json()["errors"]) == set(changes)
    assert Organization.objects.filter(**KNOWN).exists()


@pytest.mark.parametrize("body", ["[]", "null", '"name"', "7"])
def test_a_body_that_is_no_object_is_a_problem(program_of, alice, harbour, body):
    response = program_of(alice).patch(ONE, body, content_type="application/json")

    assert (response.status_code, response.json()["code"]) == (422, "invalid")
    assert Organization.objects.filter(**KNOWN).exists()
