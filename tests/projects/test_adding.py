"""Repositories become projects: one or a thousand, each once, under keys of their own."""

import re

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bindings.models import Repository
from organizations.models import AuditEvent
from projects.adding import Naming, add_projects, suggest_namings
from projects.errors import NamesRefused
from projects.keys import free_key, problem_with_key, suggest_key
from projects.models import Project
from tests.factories import BindingFactory, OrganizationFactory, ProjectFactory, RepositoryFactory
from tests.projects.conftest import PLACE

ADD, NAMES = f"{PLACE}add/", f"{PLACE}add/names/"
HTMX = {"HX-Request": "true"}


def ids(repositories):
    return [repository.pk for repository in repositories]


def keys():
    return sorted(Project.objects.values_list("key", flat=True))


def boxes(page):
    """The boxes of a page by repository's id, and whether each is ticked."""
    found = re.findall(r'name="repositories" value="(\w+)"( checked)?', page.text)
    return {pk: bool(checked) for pk, checked in found}


def kept(page):
    return re.search(r'name="kept" value="([^"]*)"', page.text)[1]


def ticked(*repositories):
    return [repository.pk.hex for repository in repositories]


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
        {"declared_public": None},
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
    assert Project.objects.get().is_public and not Project.objects.private().exists()

    Repository.objects.update(is_public=False)

    assert not Project.objects.get().is_public
    assert Project.objects.private().count() == 1


# The pages


def test_repositories_stand_under_their_platform_projects(browser_of, alice, shelf):
    shelf("Quay/winch", "Dock/rope", "Quay/crane")

    page = browser_of(alice).get(ADD)

    assert re.findall(r"<h2>(\w+)</h2>", page.text) == ["Dock", "Quay"]
    assert [r.name for r in page.context["page"].rows] == ["rope", "crane", "winch"]


def test_what_can_not_be_ticked_says_why(browser_of, alice, harbour, shelf):
    [made] = shelf("Quay/made")
    ProjectFactory(organization=harbour, repository=made, key="made-key")
    [empty] = shelf("Quay/empty", default_branch="")
    [off] = shelf("Quay/off", is_disabled=True)
    shelf("Quay/wreck", vanished_at=timezone.now())

    page = browser_of(alice).get(ADD)

    assert set(boxes(page)) == set(ticked(empty, off))
    assert "is the project made-key" in page.text
    assert "Disabled" in page.text and "Empty" in page.text
    assert "wreck" not in page.text


def test_ticks_survive_searching_and_paging(browser_of, alice, shelf):
    repositories = shelf(*(f"Quay/crane-{n:03}" for n in range(130)))
    browser = browser_of(alice)
    first = browser.get(ADD)
    assert len(boxes(first)) == 100

    chosen = ticked(repositories[3], repositories[7])
    cursor = first.context["page"].after
    second = browser.post(ADD, {"repositories": chosen, "act": f"page:{cursor}"})
    chosen_there = ticked(repositories[120])
    found = browser.post(
        ADD,
        {"kept": kept(second), "repositories": chosen_there, "act": "search", "q": "crane-003"},
    )
    back = browser.post(
        ADD,
        {"kept": kept(found), "repositories": ticked(repositories[3]), "act": "search", "q": ""},
    )

    assert len(boxes(second)) == 30 and not any(boxes(second).values())
    assert boxes(found) == {repositories[3].pk.hex: True}
    assert {pk for pk, is_ticked in boxes(back).items() if is_ticked} == set(chosen)
    assert kept(back) == chosen_there[0]
    assert "3 repositories are ticked" in back.text


def test_all_of_a_platform_project_are_ticked_by_a_button(browser_of, alice, shelf):
    crane, winch, rope = shelf("Quay/crane", "Quay/winch", "Dock/rope")

    page = browser_of(alice).post(
        ADD, {"repositories": ticked(rope), "act": f"project:{crane.project_id}"}
    )

    assert all(boxes(page).values()) and len(boxes(page)) == 3
    assert 'value="project:Quay"' in page.text


def test_all_that_were_found_are_ticked_on_the_server(browser_of, alice, shelf):
    shelf(*(f"Quay/crane-{n:03}" for n in range(120)), "Quay/winch")

    page = browser_of(alice).post(ADD, {"act": "all", "q": "crane"})

    assert page.context["count"] == 120
    assert "Select all 120 found" in page.text
    assert len(kept(page).split(",")) == 20


def test_ticks_can_be_taken_away_at_once(browser_of, alice, shelf):
    [crane] = shelf("Quay/crane")

    page = browser_of(alice).post(ADD, {"repositories": ticked(crane), "act": "none"})

    assert boxes(page) == {crane.pk.hex: False}
    assert kept(page) == ""


def test_htmx_gets_the_part_that_changes(browser_of, alice, shelf):
    [crane] = shelf("Quay/crane")
    browser, sent = browser_of(alice), {"repositories": ticked(crane)}

    part = browser.post(ADD, sent | {"act": "all"}, headers=HTMX)
    count = browser.post(ADD, sent | {"act": "count"}, headers=HTMX)

    assert part.text.strip().startswith('<div id="choice"')
    assert count.text.strip() == '<p id="count" role="status">1 repository is ticked</p>'


def test_ids_that_are_none_are_ignored(browser_of, alice, shelf):
    [crane] = shelf("Quay/crane")
    sent = {"kept": f"x,,{'9' * 40},{crane.pk.hex}", "repositories": "..", "act": "names"}

    page = browser_of(alice).post(NAMES, sent)

    assert "Add 1 project" in page.text


def test_names_and_keys_are_suggested_and_may_be_changed(browser_of, alice, shelf):
    [crane] = shelf("Quay/Crane Control")
    browser, sent = browser_of(alice), {"kept": crane.pk.hex}
    page = browser.post(NAMES, sent | {"act": "names"})
    assert 'value="Crane Control"' in page.text and 'value="crane-control"' in page.text

    typed = {f"{crane.pk.hex}-name": "Cranes", f"{crane.pk.hex}-key": "cranes"}
    answer = browser.post(NAMES, sent | typed | {"act": "create"}, follow=True)

    project = Project.objects.get()
    assert (project.name, project.key, project.repository) == ("Cranes", "cranes", crane)
    assert project.created_by == alice
    assert "1 project is added." in answer.text


@pytest.mark.parametrize(
    ("name", "key", "words"),
    [
        ("Crane", "taken", "Another project of this organization has this key."),
        ("Crane", "winch", "Another project of this organization has this key."),
        ("Crane", "Not A Key", "A key has no capital letters."),
        ("Crane", "", "Choose a key"),
        ("", "crane", "Give the project a name."),
        ("x" * 256, "crane", "A name has at most 255 characters."),
    ],
)
def test_a_name_or_key_that_can_not_be_had_is_refused_in_place(
    browser_of, alice, harbour, shelf, name, key, words
):
    ProjectFactory(organization=harbour, key="taken")
    first, crane = shelf("Quay/a", "Quay/crane")
    typed = {
        f"{first.pk.hex}-name": "Winch",
        f"{first.pk.hex}-key": "winch",
        f"{crane.pk.hex}-name": name,
        f"{crane.pk.hex}-key": key,
    }

    sent = {"kept": ",".join(ticked(first, crane)), "act": "create"}
    page = browser_of(alice).post(NAMES, sent | typed)

    assert page.status_code == 422
    assert words in page.text and "Nothing was added yet" in page.text
    assert keys() == ["taken"]


def test_more_than_fifty_are_named_by_us(browser_of, alice, shelf):
    repositories = shelf(*(f"Quay/crane-{n:02}" for n in range(51)))
    browser, sent = browser_of(alice), {"kept": ",".join(ticked(*repositories))}

    page = browser.post(NAMES, sent | {"act": "names"})
    answer = browser.post(NAMES, sent | {"act": "create"}, follow=True)

    assert "too many to name one by one" in page.text and "and 41 more" in page.text
    assert "51 projects are added." in answer.text
    assert len(keys()) == 51


def test_pressing_twice_adds_once_and_says_so(browser_of, alice, shelf):
    crane, winch = shelf("Quay/crane", "Quay/winch")
    browser = browser_of(alice)
    sent = {"kept": ",".join(ticked(crane, winch)), "act": "create"}
    for repository in (crane, winch):
        sent |= {f"{repository.pk.hex}-{n}": repository.name for n in ("name", "key")}

    browser.post(NAMES, sent)
    again = browser.post(NAMES, sent, follow=True)

    assert keys() == ["crane", "winch"]
    assert "Nothing was added. 2 were projects already." in again.text


def test_nothing_ticked_leads_back_with_a_word(browser_of, alice, shelf):
    shelf("Quay/crane")

    page = browser_of(alice).post(NAMES, {"act": "names"}, follow=True)

    assert page.redirect_chain[-1][0] == ADD
    assert "Tick at least one repository." in page.text


def test_what_is_a_project_by_now_leads_to_the_list(browser_of, alice, harbour, shelf):
    [crane] = shelf("Quay/crane")
    ProjectFactory(organization=harbour, repository=crane)

    page = browser_of(alice).post(NAMES, {"kept": crane.pk.hex, "act": "names"}, follow=True)

    assert page.redirect_chain[-1][0] == PLACE
    assert "projects already" in page.text


def test_one_can_go_back_from_the_names_to_what_was_ticked(browser_of, alice, shelf):
    crane, winch = shelf("Quay/crane", "Quay/winch")

    page = browser_of(alice).post(ADD, {"kept": crane.pk.hex, "act": "back"})

    assert boxes(page) == {crane.pk.hex: True, winch.pk.hex: False}


@pytest.mark.parametrize("act", ["search", "all", "project:\0", "page:\0", "\0", "what:ever"])
def test_a_form_that_nobody_sees_breaks_nothing(browser_of, alice, shelf, act):
    [crane] = shelf("Quay/crane")

    page = browser_of(alice).post(ADD, {"kept": crane.pk.hex, "act": act, "q": "cra\0ne"})

    assert boxes(page) == {crane.pk.hex: True}
