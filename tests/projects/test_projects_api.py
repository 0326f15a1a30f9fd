"""`organizations/{key}/projects` for programs."""

import uuid

import pytest
from django.utils import timezone

from organizations.models import AuditEvent
from projects.models import Project
from tests.factories import ProjectFactory, RepositoryFactory

PLACE = "/api/v1/organizations/harbour/projects"


@pytest.fixture
def post(program_of, alice):
    def send(headers=None, **body):
        program = program_of(alice)
        return program.post(PLACE, body, content_type="application/json", headers=headers or {})

    return send


def test_a_repository_becomes_a_project(post, harbour, shelf):
    [crane] = shelf("Quay/Crane Control", web_url="https://example.com/crane", is_public=True)

    answer = post(repository=str(crane.pk))

    project = Project.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(project.pk),
        "key": "crane-control",
        "name": "Crane Control",
        "visibility": "public",
        "repository": {
            "id": str(crane.pk),
            "name": "Crane Control",
            "project_name": "Quay",
            "web_url": "https://example.com/crane",
            "vanished_at": None,
        },
        "created_at": answer.json()["created_at"],
    }
    assert AuditEvent.objects.get(action="projects.added").channel == "api"


def test_a_project_is_made_without_a_repository(post, harbour):
    answer = post(name="Sketch", key="my.sketch").json()

    assert (answer["key"], answer["visibility"], answer["repository"]) == (
        "my.sketch",
        "private",
        None,
    )


def test_a_repository_that_is_one_already_is_a_conflict_that_names_it(post, harbour, shelf):
    [crane] = shelf("Quay/crane")
    ProjectFactory(organization=harbour, repository=crane, key="our-crane")

    answer = post(repository=str(crane.pk))

    assert answer.status_code == 409
    assert answer.json()["code"] == "repository-already-a-project"
    assert answer.json()["project"] == "our-crane"
    assert Project.objects.count() == 1


def test_a_taken_key_is_a_conflict_with_another_to_take(post, harbour, shelf):
    [crane] = shelf("Quay/crane")
    ProjectFactory(organization=harbour, key="crane")

    refused = post(repository=str(crane.pk), key="crane")
    taken = post(repository=str(crane.pk), key=refused.json()["suggestions"][0])

    assert (refused.status_code, refused.json()["code"]) == (409, "project-key-taken")
    assert taken.status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"key": "crane"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "Crane", "key": "No Key"}, "key"),
        ({"name": "Crane", "key": "new"}, "key"),
        ({"name": "Crane", "visibility": "public"}, "visibility"),
        ({"repository": str(uuid.uuid4())}, "repository"),
        ({"repository": "crane"}, "repository"),
    ],
)
def test_a_body_that_can_not_be_used_is_refused(post, harbour, body, field):
    answer = post(**body)

    assert answer.status_code == 422
    assert field in answer.json()["errors"]
    assert not Project.objects.exists()


def test_another_organizations_repository_and_a_vanished_one_are_unknown(post, harbour, shelf):
    [wreck] = shelf("Quay/wreck", vanished_at=timezone.now())

    for repository in (RepositoryFactory(), wreck):
        answer = post(repository=str(repository.pk))
        assert (answer.status_code, answer.json()["code"]) == (422, "repository-unknown")


def test_the_same_call_under_one_key_makes_one_project(post, harbour):
    headers = {"Idempotency-Key": "sketch-1"}

    first, again = (post(headers, name="Sketch") for _ in range(2))

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Project.objects.count() == 1


def test_the_list_is_paged_and_searched(program_of, bob, harbour, shelf):
    for n, repository in enumerate(shelf("Quay/a", "Quay/b", "Dock/c")):
        ProjectFactory(organization=harbour, repository=repository, name=f"P{n}")
    ProjectFactory(name="hidden")
    program = program_of(bob)

    first = program.get(PLACE, {"page_size": 2}).json()
    second = program.get(first["next"]).json()
    found = program.get(PLACE, {"q": "quay"}).json()

    assert [p["name"] for p in first["results"] + second["results"]] == ["P0", "P1", "P2"]
    assert [p["name"] for p in found["results"]] == ["P0", "P1"]


def test_one_is_looked_at_and_deleted_by_its_key(program_of, alice, harbour, shelf):
    [crane] = shelf("Quay/crane", vanished_at=timezone.now())
    ProjectFactory(organization=harbour, repository=crane, key="crane")
    program = program_of(alice)

    looked = program.get(f"{PLACE}/crane").json()
    deleted = program.delete(f"{PLACE}/crane")

    assert looked["repository"]["vanished_at"] is not None
    assert deleted.status_code == 204
    assert program.get(f"{PLACE}/crane").status_code == 404
    assert not Project.objects.exists()
    crane.refresh_from_db()
