"""Who gets to the support desk, and who may act there."""

import pytest

from tests.access.matrix_desk import DESK, DESK_KINDS, places
from tests.access.people import AWAY, IN, differing, page_means
from tests.accounts.rows import everything
from tests.test_admin import ROWS


@pytest.fixture
def rows(world):
    """One of every list."""
    made = {place: make(f"row-{number}") for number, (place, make) in enumerate(ROWS.items())}
    world.before = everything()
    return made


def test_every_page_of_the_desk_has_a_row_and_every_row_a_page(rows):
    assert {word for word, _ in places(rows)} == set(DESK)


@pytest.mark.parametrize("kind", DESK_KINDS)
def test_looking_at_the_desk_answers_as_the_table_says(world, rows, kind):
    def look(address):
        return world.answer(lambda: world.browser(kind).get(address), page_means)

    known = [(address, DESK[word].look[DESK_KINDS.index(kind)]) for word, address in places(rows)]

    assert differing({address: look(address) for address, _ in known}, dict(known)) == {}


@pytest.mark.parametrize("kind", DESK_KINDS)
def test_acting_at_the_desk_answers_as_the_table_says(world, rows, kind):
    """A list is sent the wish to delete all that is in it."""
    picked = [str(row.pk) for row in rows.values()]
    typed = {"action": "delete_selected", "_selected_action": picked, "post": "yes"}
    typed |= {"reason": "Asked by phone"}

    def act(page, address):
        may_change = () if page.is_seen_only else (IN, AWAY)
        means = world.answer(
            lambda: world.browser(kind).post(address, typed), page_means, may_change=may_change
        )
        return IN if means == AWAY and AWAY not in page.act else means

    known = [(address, DESK[word]) for word, address in places(rows)]
    wanted = {address: page.act[DESK_KINDS.index(kind)] for address, page in known}

    assert differing({address: act(page, address) for address, page in known}, wanted) == {}
