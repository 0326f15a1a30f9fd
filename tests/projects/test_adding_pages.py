"""Ticking repositories and naming what they become, with a browser that may know no script."""

import re

import pytest
from django.utils import timezone

from projects.models import Project
from tests.factories import ProjectFactory
from tests.projects.conftest import PLACE

ADD, NAMES = f"{PLACE}add/", f"{PLACE}add/names/"
HTMX = {"HX-Request": "true"}


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
