"""The list of projects, its panel on the overview, and the pages of one project."""

import re

import pytest
from django.utils import timezone

from organizations.models import AuditEvent, Membership
from projects.models import Project
from projects.rules import problem_with_rules
from tests.factories import OrganizationFactory, ProjectFactory
from tests.projects.conftest import PLACE

HTMX = {"HX-Request": "true"}
NEW = f"{PLACE}new/"


@pytest.fixture
def crane(harbour, shelf):
    """A project of a repository."""
    address = "https://dev.azure.com/contoso/Quay/_git/crane"
    [repository] = shelf("Quay/crane", web_url=address)
    return ProjectFactory(organization=harbour, repository=repository, key="crane", name="Crane")


def names_on(page):
    return re.findall(r"<td><strong><a [^>]*>(.*?)</a></strong>", page.text)


def test_a_project_is_listed_with_where_it_comes_from(browser_of, bob, harbour, crane):
    ProjectFactory(organization=harbour, key="sketch", name="Sketch")
    ProjectFactory(name="Hidden")

    page = browser_of(bob).get(PLACE)

    assert names_on(page) == ["Crane", "Sketch"]
    rows = re.findall(r"<tr>\s*<td>.*?</tr>", page.text, re.DOTALL)
    assert "Quay / crane" in rows[0] and "Private" in rows[0] and "crane</span>" in rows[0]
    assert "made by hand" in rows[1] and "Private" in rows[1]
    assert "2 in all" in page.text


@pytest.mark.parametrize("has_some", [True, False], ids=["projects", "none yet"])
@pytest.mark.parametrize("may", [True, False])
def test_adding_is_offered_to_who_may(browser_of, bob, harbour, has_some, may):
    if has_some:
        ProjectFactory(organization=harbour)
    Membership.objects.filter(user=bob).update(may_create_projects=may)

    page = browser_of(bob).get(PLACE)

    assert (f'href="{PLACE}add/"' in page.text) == may


def test_who_may_add_projects_deletes_none(browser_of, bob, harbour, crane):
    Membership.objects.filter(user=bob).update(may_create_projects=True)

    answer = browser_of(bob).post(f"{PLACE}crane/delete/")

    assert answer.status_code == 403
    assert Project.objects.filter(key="crane").exists()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["Crane", "Sketch"]),
        ("quay", ["Crane"]),
        ("CRANE quay", ["Crane"]),
        ("sketch-key", ["Sketch"]),
        ("crane sketch", []),
        ("%", []),
    ],
)
def test_every_word_is_searched_for(browser_of, bob, harbour, crane, text, found):
    ProjectFactory(organization=harbour, key="sketch-key", name="Sketch")

    page = browser_of(bob).get(PLACE, {"q": text}, headers=HTMX)

    assert names_on(page) == found
    assert ("Nothing found" in page.text) == (not found)


def test_fifty_fit_on_a_page_and_the_rest_follows(browser_of, bob, harbour):
    ProjectFactory.create_batch(60, organization=harbour)
    browser = browser_of(bob)

    first = browser.get(PLACE)
    second = browser.get(PLACE, {"after": first.context["page"].after})

    assert len(names_on(first)) == 50
    assert not set(names_on(first)) & set(names_on(second))
    assert len(names_on(second)) == 10


def test_owners_of_none_are_led_to_adding(browser_of, alice, bob, binding):
    ours, theirs = browser_of(alice).get(PLACE).text, browser_of(bob).get(PLACE).text

    assert "Next: add projects" in ours and f'href="{PLACE}add/"' in ours
    assert "No projects yet" in theirs and f'href="{PLACE}add/"' not in theirs


def test_the_overview_shows_the_first_and_the_way_to_all(browser_of, bob, harbour):
    ProjectFactory.create_batch(7, organization=harbour)
    browser = browser_of(bob)

    overview = browser.get("/organizations/harbour/").text
    panel = browser.get(PLACE, {"panel": "1"}, headers=HTMX)

    assert f'hx-get="{PLACE}?panel=1"' in overview
    assert len(names_on(panel)) == 5
    assert "All 7 projects" in panel.text and "<html" not in panel.text


def test_a_project_says_where_its_code_comes_from(browser_of, bob, crane):
    page = browser_of(bob).get(f"{PLACE}crane/").text

    assert 'href="https://dev.azure.com/contoso/Quay/_git/crane"' in page
    assert "Quay" in page and "Private" in page and "Can be read" in page
    assert "settings/" not in page.split("<main")[1]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"is_disabled": True}, "Disabled in Azure DevOps"),
        ({"default_branch": ""}, "Empty: nothing was pushed yet"),
        ({"vanished_at": timezone.now()}, "does not see this repository any more"),
        ({"name": "crane-2"}, "The repository is called crane-2 in Azure DevOps"),
        ({"is_public": True}, "Public"),
    ],
)
def test_a_project_says_what_became_of_its_repository(browser_of, bob, crane, values, words):
    for name, value in values.items():
        setattr(crane.repository, name, value)
    crane.repository.save()

    page = browser_of(bob).get(f"{PLACE}crane/")

    assert words in page.text
    assert page.context["project"].name == "Crane"


def test_a_project_without_a_repository_says_so(browser_of, bob, harbour):
    ProjectFactory(organization=harbour, key="sketch")

    assert "without a repository" in browser_of(bob).get(f"{PLACE}sketch/").text


def test_a_project_of_another_organization_is_not_here(browser_of, alice, harbour):
    ProjectFactory(organization=OrganizationFactory(owner=alice), key="elsewhere")

    assert browser_of(alice).get(f"{PLACE}elsewhere/").status_code == 404


def test_odd_names_are_shown_as_text(browser_of, alice, harbour, shelf):
    odd = '<script>alert("1")</script>'
    [repository] = shelf(f"Quay/{odd.replace('/', '|')}")
    values = {"name": odd, "rules": f"{odd} text"}
    ProjectFactory(organization=harbour, repository=repository, key="odd", **values)
    browser = browser_of(alice)

    pages = [browser.get(PLACE + rest).text for rest in ("", "odd/", "odd/settings/", "add/")]

    assert "<script>alert" not in "".join(pages)


def test_name_and_rules_are_changed_and_recorded(browser_of, alice, crane):
    typed = {"name": "Cranes", "rules": "vendor/** linguist-vendored\r\n# ours"}

    answer = browser_of(alice).post(f"{PLACE}crane/settings/", typed)

    assert answer["Location"] == f"{PLACE}crane/"
    crane.refresh_from_db()
    assert (crane.name, crane.key) == ("Cranes", "crane")
    assert crane.rules == "vendor/** linguist-vendored\n# ours"
    event = AuditEvent.objects.get(action="project.changed")
    assert event.data == {"key": "crane", "fields": ["name", "rules"]}
    assert "linguist-vendored" in browser_of(alice).get(answer["Location"]).text


def test_saving_what_is_so_already_records_nothing(browser_of, alice, crane):
    browser_of(alice).post(f"{PLACE}crane/settings/", {"name": "Crane", "rules": ""})

    assert not AuditEvent.objects.filter(action="project.changed").exists()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Give the project a name."),
        ({"rules": "vendor/**"}, "Line 1: after the pattern"),
        ({"rules": "# fine\n\n!vendor text"}, "Line 3: a pattern can"),
        ({"rules": "vendor ~what"}, "“~what” is no attribute."),
        ({"rules": "a b\n" * 1001}, "4,000 is the most"),
    ],
)
def test_what_can_not_be_saved_is_refused_in_place(browser_of, alice, crane, typed, words):
    page = browser_of(alice).post(f"{PLACE}crane/settings/", {"name": "New", "rules": ""} | typed)

    assert page.status_code == 422
    assert words in page.text
    crane.refresh_from_db()
    assert (crane.name, crane.rules) == ("Crane", "")


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "*.py text",
        "*.py -text !diff eol=lf",
        '"with space/**" linguist-generated=true',
        "[attr]binary -diff -text",
        "# only a note",
        "  *.cs   linguist-language=C#  ",
        "docs/** linguist-documentation\n\n",
    ],
)
def test_what_git_reads_is_read(rules):
    assert problem_with_rules(rules) is None


def test_a_project_is_deleted_and_its_repository_stays(browser_of, alice, crane):
    browser = browser_of(alice)
    asked = browser.get(f"{PLACE}crane/delete/")
    assert Project.objects.exists() and "Quay / crane stays as it is" in asked.text

    answer = browser.post(f"{PLACE}crane/delete/", follow=True)

    assert not Project.objects.exists()
    crane.repository.refresh_from_db()
    assert "Crane is deleted. Its repository is untouched." in answer.text
    event = AuditEvent.objects.get(action="project.deleted")
    assert event.data == {"key": "crane", "name": "Crane"}
    assert crane.repository.pk.hex in browser.get(f"{PLACE}add/").text


# By hand


def test_a_project_is_made_by_hand_without_a_repository(browser_of, alice, harbour):
    answer = browser_of(alice).post(NEW, {"name": "My Sketch"})

    project = Project.objects.get()
    assert answer["Location"] == f"{PLACE}my-sketch/"
    assert (project.organization, project.name, project.repository) == (harbour, "My Sketch", None)
    assert not project.is_public
    assert AuditEvent.objects.get(action="projects.added").data["keys"] == ["my-sketch"]


def test_a_project_by_hand_takes_a_repository_by_its_names(browser_of, alice, shelf):
    [crane] = shelf("Quay/Crane", is_public=True)
    typed = {"name": "Ours", "platform_project": "quay", "repository": "crane"}

    browser_of(alice).post(NEW, typed)

    project = Project.objects.get()
    assert project.repository == crane
    assert project.is_public


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": ""}, "Give the project a name."),
        ({"key": "taken"}, "Another project of this organization has this key."),
        ({"key": "No Key"}, "A key has no capital letters."),
        ({"platform_project": "Quay"}, "Say which one it reads"),
        ({"repository": "crane"}, "Say which one it reads"),
        ({"platform_project": "Quay", "repository": "ship"}, "sees no such repository"),
        ({"platform_project": "Quay", "repository": "wreck"}, "sees no such repository"),
        ({"platform_project": "Quay", "repository": "crane"}, "a project already: Crane, with"),
    ],
)
def test_what_can_not_be_made_is_refused_in_place(
    browser_of, alice, harbour, crane, shelf, typed, words
):
    ProjectFactory(organization=harbour, key="taken")
    shelf("Quay/wreck", vanished_at=timezone.now())

    page = browser_of(alice).post(NEW, {"name": "Ours"} | typed)

    assert page.status_code == 422
    assert words in page.text
    assert Project.objects.count() == 2


def test_the_key_that_a_name_would_give_is_shown_as_it_is_typed(browser_of, alice, harbour):
    ProjectFactory(organization=harbour, key="my-sketch")

    part = browser_of(alice).get(NEW, {"name": "My Sketch"}, headers=HTMX)
    nothing = browser_of(alice).get(NEW, {"name": " "}, headers=HTMX)

    assert "my-sketch-2" in part.text and "<html" not in part.text
    assert nothing.text.strip() == ""


def test_the_page_says_why_a_token_of_its_own_is_not_recommended(browser_of, alice, binding):
    page = browser_of(alice).get(NEW).text

    assert "not recommended" in page and "one more that expires" in page
    assert 'type="password"' in page
