"""Pages by keyset: every row once, wherever it is, and no cursor that breaks a page."""

import base64
import json

import pytest

from bindings.models import Repository
from core.paging import keyset_page
from tests.factories import BindingFactory, OrganizationFactory, RepositoryFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf():
    """Repositories with the given names, in one binding."""

    def make(*names):
        binding = BindingFactory()
        return [RepositoryFactory(binding=binding, name=name) for name in names]

    return make


def page(after="", length=2, by=("name", "id")):
    return keyset_page(Repository.objects.all(), by=by, after=after, length=length)


def walk(length, by=("name", "id")):
    """The names and ids of every page, from the first to the last."""
    pages, after = [], ""
    while not pages or after:
        found = page(after, length, by)
        pages.append([(row.name, row.pk) for row in found.rows])
        after = found.after
    return pages


def cursor(said):
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode()


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8])
def test_every_row_is_visited_once_and_in_order(shelf, length):
    shelf("winch", "anchor", "rope", "crane", "tar", "buoy", "Zander")

    visited = [row for rows in walk(length) for row in rows]

    assert len(visited) == len(set(visited)) == 7
    assert visited == list(Repository.objects.order_by("name", "id").values_list("name", "id"))


@pytest.mark.parametrize("length", [1, 2, 3])
def test_rows_of_one_name_are_visited_once_each(shelf, length):
    made = shelf("anchor", *["crane"] * 5, "winch")

    visited = [row for rows in walk(length) for row in rows]

    assert len(visited) == 7
    assert {pk for _, pk in visited} == {row.pk for row in made}


@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_other_way_round_the_pages_have_the_same_rows(shelf, length):
    shelf("anchor", *["crane"] * 5, "winch")

    visited = [row for rows in walk(length, by=("-name", "-id")) for row in rows]

    assert visited == list(Repository.objects.order_by("-name", "-id").values_list("name", "id"))


@pytest.mark.parametrize("length", [1, 2, 3])
def test_three_fields_order_as_well_as_two(length):
    by, binding = ("project_name", "name", "id"), BindingFactory()
    for project in ("Quay", "Dock"):
        for name in ("winch", "crane", "crane"):
            RepositoryFactory(binding=binding, project_name=project, name=name)

    visited = [row for rows in walk(length, by=by) for row in rows]

    assert visited == list(Repository.objects.order_by(*by).values_list("name", "id"))


def test_a_page_is_full_and_only_the_last_one_has_no_cursor(shelf):
    shelf("anchor", "buoy", "crane", "rope")

    assert [len(rows) for rows in walk(2)] == [2, 2]
    assert [len(rows) for rows in walk(3)] == [3, 1]


def test_no_rows_make_one_empty_page():
    assert walk(2) == [[]]


def test_rows_that_come_and_go_move_nothing(shelf):
    anchor, *_ = shelf("anchor", "buoy", "crane", "rope")
    after = page().after

    RepositoryFactory(binding=anchor.binding, name="aaa")
    anchor.delete()

    assert [row.name for row in page(after).rows] == ["crane", "rope"]


def test_a_cursor_outlives_the_row_it_names(shelf):
    _, buoy, *_ = shelf("anchor", "buoy", "crane")
    after = page().after

    buoy.delete()

    assert [row.name for row in page(after).rows] == ["crane"]


@pytest.mark.parametrize("name", ["häfen", 'o"brien', "a\\b", "50%_off", "港", "line\nend", " "])
def test_a_cursor_holds_any_name(shelf, name):
    shelf(name, name, name)

    assert sum(len(rows) for rows in walk(1)) == 3


def test_the_last_page_costs_what_the_first_does(shelf, queries):
    shelf(*[f"crane-{n}" for n in range(9)])
    last = cursor(["crane-7", "ffffffff-ffff-4fff-bfff-ffffffffffff"])

    for after in ("", last):
        with queries() as asked:
            page(after)
        assert len(asked) == 1


TAMPERED = {
    "nothing": "",
    "words": "the second page",
    "base64 of nothing": "====",
    "base64 cut short": cursor(["crane", "x"])[:-3],
    "base64 of noise": base64.urlsafe_b64encode(bytes(range(128, 200))).decode(),
    "not even letters": "\x00\x07ä港",
    "a number": cursor(7),
    "null": cursor(None),
    "an object": cursor({"name": "crane", "id": "x"}),
    "one value": cursor(["crane"]),
    "three values": cursor(["crane", "x", "y"]),
    "numbers": cursor([1, 2]),
    "lists": cursor([["crane"], ["x"]]),
    "broken json": base64.urlsafe_b64encode(b'["crane", ').decode(),
    "very long": "A" * 100_000,
    "nested without end": base64.urlsafe_b64encode(b"[" * 3000).decode(),
    "no id": cursor(["buoy", "not-an-id"]),
    "no id at all": cursor(["buoy", ""]),
    "a null character": cursor(["bu\0oy", "ffffffff-ffff-4fff-bfff-ffffffffffff"]),
}


@pytest.mark.parametrize("after", TAMPERED.values(), ids=TAMPERED)
def test_a_cursor_that_was_tampered_with_starts_at_the_beginning(shelf, after):
    shelf("anchor", "buoy", "crane")

    assert [row.name for row in page(after).rows] == ["anchor", "buoy"]


def test_a_page_with_a_tampered_cursor_is_a_page(shelf, browser_of, alice):
    organization = OrganizationFactory(owner=alice)
    RepositoryFactory(binding=BindingFactory(organization=organization), name="anchor")

    url = f"/organizations/{organization.key}/repositories/"
    response = browser_of(alice).get(url, {"after": cursor({"name": "crane"})})

    assert response.status_code == 200
    assert "anchor" in response.text


@pytest.fixture
def listed(program_of, alice):
    """Ask the API for repositories; every page's answer, from the first to the last."""
    organization = OrganizationFactory(owner=alice)
    binding = BindingFactory(organization=organization)
    for name in ("winch", "anchor", "crane", "crane", "crane"):
        RepositoryFactory(binding=binding, name=name)
    url = f"/api/v1/organizations/{organization.key}/repositories"
    return lambda query: program_of(alice).get(f"{url}{query}")


@pytest.mark.parametrize("size", [1, 2, 5])
def test_the_api_follows_its_own_cursors_to_every_row(listed, size):
    answers = [listed(f"?page_size={size}").json()]
    while following := answers[-1]["next"]:
        answers.append(listed(f"?{following.partition('?')[2]}").json())

    rows = [row for answer in answers for row in answer["results"]]
    assert [row["name"] for row in rows] == ["anchor", "crane", "crane", "crane", "winch"]
    assert len({row["id"] for row in rows}) == 5


def test_a_page_of_the_api_tells_its_neighbours(listed):
    first = listed("?page_size=3").json()
    second = listed(f"?{first['next'].partition('?')[2]}").json()

    assert set(first) == {"results", "next", "previous"}
    assert first["previous"] is None
    assert second["next"] is None and second["previous"]


@pytest.mark.parametrize("size", ["0", "-1", "many", "100000"])
def test_a_page_size_that_can_not_be_had_gives_a_usual_page(listed, size):
    assert len(listed(f"?page_size={size}").json()["results"]) == 5


def test_a_cursor_the_api_did_not_make_is_a_problem(listed):
    answer = listed("?cursor=%FF%FE")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
