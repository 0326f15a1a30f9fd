"""The repositories of a binding: a page with search, and a panel of the overview."""

import base64
import json
import re
from html import unescape

import pytest
from django.utils import timezone

from tests.factories import BindingFactory, OrganizationFactory, RepositoryFactory

REPOSITORIES = "/organizations/harbour/repositories/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def binding(bob):
    return BindingFactory(organization=OrganizationFactory(key="harbour", member=bob))


def cursor(*position):
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def names_on(page):
    return re.findall(r"<td><strong>(.*?)</strong></td>", page.text)


@pytest.mark.parametrize(
    ("values", "badge"),
    [
        ({"is_disabled": True, "default_branch": ""}, "Disabled"),
        ({"default_branch": ""}, "Empty"),
        ({"is_public": True}, "Public"),
        ({}, "Private"),
    ],
)
def test_a_repository_is_listed_with_its_state(browser_of, bob, binding, values, badge):
    RepositoryFactory(binding=binding, name="crane", project_name="Quay", **values)

    page = browser_of(bob).get(REPOSITORIES)

    assert names_on(page) == ["crane"]
    row = re.search(r"<tbody>.*</tbody>", page.text, re.DOTALL)[0]
    assert badge in row and "Quay" in row and "2.0\xa0KB" in row


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["crane", "gantry", "winch"]),
        ("CRANE", ["crane"]),
        ("quay", ["crane", "gantry"]),
        ("quay gan", ["gantry"]),
        ("gan quay", ["gantry"]),
        ("crane winch", []),
        ("%", []),
        ("_", []),
        ("nothing like it", []),
    ],
)
def test_every_word_is_searched_for_in_name_and_project(browser_of, bob, binding, text, found):
    for name, project in (("crane", "Quay"), ("gantry", "Quay"), ("winch", "Dock")):
        RepositoryFactory(binding=binding, name=name, project_name=project)

    page = browser_of(bob).get(REPOSITORIES, {"q": text}, headers=HTMX)

    assert names_on(page) == found
    assert ("Nothing found" in page.text) == (not found)


def follow(browser, page):
    """The page behind the button, or None on the last one."""
    link = re.search(r'href="([^"]*)" rel="next"', page.text)
    return link and browser.get(unescape(link[1]))


@pytest.mark.parametrize("query", ["", "?q=quay", "?q=%26+%23"])
def test_the_pages_show_each_repository_once_in_order(browser_of, bob, binding, query):
    RepositoryFactory.create_batch(80, binding=binding, project_name="Quay & #1")
    RepositoryFactory.create_batch(40, binding=binding, name="crane", project_name="Quay & #2")
    browser, seen = browser_of(bob), []
    page = browser.get(REPOSITORIES + query)

    while page:
        seen += [(repository.name, repository.pk) for repository in page.context["page"].rows]
        page = follow(browser, page)

    assert len(set(seen)) == 120
    assert [name for name, _ in seen] == sorted(name for name, _ in seen)


@pytest.mark.parametrize(
    "after",
    ["x", "é", "W10=", "e30=", cursor("crane"), cursor("crane", 7), cursor("crane", "no-id")],
)
def test_a_cursor_that_was_tampered_with_starts_at_the_beginning(browser_of, bob, binding, after):
    RepositoryFactory(binding=binding, name="anchor")

    page = browser_of(bob).get(REPOSITORIES, {"after": after})

    assert names_on(page) == ["anchor"]


@pytest.mark.parametrize(("count", "is_followed"), [(0, False), (50, False), (51, True)])
def test_fifty_fit_on_a_page(browser_of, bob, binding, count, is_followed):
    RepositoryFactory.create_batch(count, binding=binding)

    page = browser_of(bob).get(REPOSITORIES)

    assert len(names_on(page)) == min(count, 50)
    assert f"{count} in all" in page.text
    assert ('rel="next"' in page.text) == is_followed


def test_odd_names_are_shown_as_text(browser_of, bob, binding):
    odd = '<script>alert("1")</script>'
    RepositoryFactory(binding=binding, name=odd, project_name=odd, default_branch=odd)

    page = browser_of(bob).get(REPOSITORIES).text
    search = browser_of(bob).get(REPOSITORIES, {"q": '"><script>alert'}).text

    assert page.count("&lt;script&gt;alert") == 4
    assert "<script>alert" not in page + search


def test_what_vanished_is_neither_shown_nor_counted(browser_of, bob, binding):
    RepositoryFactory(binding=binding, name="crane")
    RepositoryFactory(binding=binding, name="wreck", vanished_at=timezone.now())

    page = browser_of(bob).get(REPOSITORIES)

    assert names_on(page) == ["crane"]
    assert "1 in all" in page.text


def test_repositories_of_another_organization_are_not_shown(browser_of, bob, binding):
    RepositoryFactory(name="hidden")

    assert names_on(browser_of(bob).get(REPOSITORIES)) == []


def test_the_panel_shows_the_first_ten_and_the_way_to_all(browser_of, bob, binding):
    RepositoryFactory.create_batch(1234, binding=binding)

    panel = browser_of(bob).get(REPOSITORIES, {"panel": "1"}, headers=HTMX)

    assert len(names_on(panel)) == 10
    assert "All 1,234 repositories" in panel.text
    assert "<html" not in panel.text


def test_who_sees_none_is_told_why(browser_of, bob, binding):
    page = browser_of(bob).get(REPOSITORIES)

    assert "No repository is visible" in page.text
    assert "Basic access" in page.text
