"""Repositories become projects: one or a thousand, each once, under keys of their own."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bindings.models import Repository
from organizations.models import AuditEvent
from projects.adding import Naming, add_projects, suggest_namings
from projects.errors import NamesRefused
from projects.keys import free_key, problem_with_key, suggest_key
from projects.models import Project
from projects.usage import usage_of
from tests.factories import (
    BindingFactory,
    OrganizationFactory,
    ProjectFactory,
    RepositoryFactory,
    SizeFactory,
)


def ids(repositories):
    return [repository.pk for repository in repositories]


def keys():
    return sorted(Project.objects.values_list("key", flat=True))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("crane", "crane"),
        ("Crane Control", "crane-control"),
        ("Hafen.Übersicht_2", "hafen.ubersicht_2"),
        ("__init__", "init"),
        ("港", "project"),
        ("", "project"),
        ("add", "add-project"),
        ("New", "new-project"),
        ("x" * 120, "x" * 100),
        ("x" * 99 + "-y", "x" * 99),
    ],
)
def test_a_key_is_suggested_from_any_name(name, key):
    assert suggest_key(name) == key
    assert problem_with_key(key) is None


@pytest.mark.parametrize(
    ("taken", "key"),
    [
        (set(), "web"),
        ({"web"}, "dock-web"),
        ({"web", "dock-web"}, "dock-web-2"),
        ({"web", "dock-web", "dock-web-2"}, "dock-web-3"),
    ],
)
def test_a_taken_key_gets_its_project_before_it_and_then_a_number(taken, key):
    assert free_key("web", "Dock", taken=taken) == key


def test_a_long_key_leaves_room_for_its_number():
    long = "x" * 120

    assert len(free_key(long, "", taken={"x" * 100})) <= 100


@pytest.mark.parametrize("key", ["", "A", "-a", "a-", "a b", "a/b", "x" * 101, "add", "new", "ä"])
def test_a_malformed_key_is_refused_by_rule(key):
    assert problem_with_key(key)


@pytest.mark.parametrize("key", ["", "A", "-a", "a-", "a b", "a/b", "ä", "a\n"])
def test_a_malformed_key_is_refused_by_the_database(harbour, key):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectFactory(organization=harbour, key=key)


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"last_four": "abcd"},
        {"fingerprint": "0123456789abcdef"},
        {"token_expires_on": "2027-01-01"},
    ],
)
def test_half_a_project_is_refused_by_the_database(harbour, values):
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectFactory(organization=harbour, **values)


def test_a_repository_is_a_project_once(harbour, shelf):
    [crane] = shelf("Quay/crane")
    ProjectFactory(organization=harbour, repository=crane)

    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectFactory(organization=harbour, repository=crane)


def test_repositories_become_projects_with_names_and_keys_of_their_own(harbour, shelf, alice):
    repositories = shelf("Dock/web", "Quay/web", "Quay/Crane Control")

    added = add_projects(harbour, ids(repositories), by=alice)

    assert (added.count, added.already) == (3, 0)
    assert keys() == ["crane-control", "quay-web", "web"]
    assert set(Project.objects.values_list("name", flat=True)) == {"web", "Crane Control"}


def test_one_event_tells_of_all_that_were_added(harbour, shelf, alice):
    repositories = shelf(*(f"Quay/crane-{n:02}" for n in range(30)))

    add_projects(harbour, ids(repositories), by=alice)

    event = AuditEvent.objects.get(action="projects.added")
    assert (event.actor, event.organization) == (alice, harbour)
    assert event.data == {"count": 30, "keys": [f"crane-{n:02}" for n in range(20)]}


def test_doing_it_twice_makes_each_once(harbour, shelf, alice):
    repositories = shelf("Quay/crane", "Quay/winch")
    add_projects(harbour, ids(repositories[:1]), by=alice)

    again = add_projects(harbour, ids(repositories), by=alice)
    third = add_projects(harbour, ids(repositories), by=alice)

    assert (again.count, again.already) == (1, 1)
    assert (third.count, third.already) == (0, 2)
    assert keys() == ["crane", "winch"]
    assert AuditEvent.objects.filter(action="projects.added").count() == 2


def test_what_vanished_or_is_anothers_is_not_made(harbour, shelf, alice):
    [gone] = shelf("Quay/wreck", vanished_at=timezone.now())
    other = RepositoryFactory()

    added = add_projects(harbour, ids([gone, other]), by=alice)

    assert (added.count, added.already) == (0, 0)
    assert not Project.objects.exists()


def test_empty_and_disabled_ones_may_be_added(harbour, shelf, alice):
    repositories = shelf("Quay/empty", default_branch="") + shelf("Quay/off", is_disabled=True)

    assert add_projects(harbour, ids(repositories), by=alice).count == 2


def test_a_thousand_are_added_in_as_many_questions_as_ten(alice, queries):
    costs = []
    for count in (10, 1000):
        binding = BindingFactory(organization=OrganizationFactory(owner=alice))
        rows = RepositoryFactory.build_batch(count, binding=binding)
        repositories = Repository.objects.bulk_create(rows)
        organization = binding.organization
        with queries() as asked:
            added = add_projects(organization, ids(repositories), by=alice)
        assert added.count == count
        # SQLite takes so many values a statement, and writes them in several.
        inserts = sum("INSERT INTO" in q["sql"] and "project" in q["sql"] for q in asked)
        costs.append(len(asked) - inserts)

    assert costs[0] == costs[1]
    assert inserts <= 20


@pytest.mark.parametrize("key", ["taken", "Crane", "add"])
def test_a_key_that_can_not_be_had_refuses_all(harbour, shelf, alice, key):
    ProjectFactory(organization=harbour, key="taken")
    crane, winch = shelf("Quay/crane", "Quay/winch")
    namings = {crane.pk: Naming("Crane", key), winch.pk: Naming("Winch", "winch")}

    with pytest.raises(NamesRefused) as refused:
        add_projects(harbour, ids([crane, winch]), namings=namings, by=alice)

    assert list(refused.value.details["problems"]) == [crane.pk]
    assert keys() == ["taken"]


def test_a_suggestion_keeps_clear_of_what_is_taken(harbour, shelf):
    ProjectFactory(organization=harbour, key="crane")
    [crane] = shelf("Quay/crane")

    assert suggest_namings(harbour, [crane]) == {crane.pk: Naming("crane", "quay-crane")}


def test_visibility_is_the_repositorys_and_follows_it(harbour, shelf, alice):
    [crane] = shelf("Quay/crane", is_public=True)
    add_projects(harbour, [crane.pk], by=alice)
    SizeFactory(project=Project.objects.get(), loc=1000)
    assert Project.objects.get().is_public and usage_of(harbour.pk).loc == 0

    Repository.objects.update(is_public=False)

    assert not Project.objects.get().is_public
    assert usage_of(harbour.pk).loc == 1000
