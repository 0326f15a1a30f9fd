"""Who gets to which page, and who may act there."""

import pytest

from tests.access.addresses import PARTS, address_of
from tests.access.matrix_pages import PAGES
from tests.access.people import AWAY, IN, KINDS, differing, page_means
from tests.tokens import make_token

# What most forms take. Those who may not send it get nothing for it.
TYPED = {
    "act": "all",
    "confirm": "harbour",
    "country": "DE",
    "days": "90",
    "email": "new@example.com",
    "feedback": "unused",
    "interval": "month",
    "key": "taken-over",
    "loc_limit": "500000",
    "may_create_projects": "on",
    "name": "Taken over",
    "organization": "contoso-port",
    "plan": "free",
    "reason": "I am here.",
    "recovery_email": "it@example.com",
    "role": "member",
    "scopes": "imports",
    "statement": "Nobody is left.",
    "text": "The invoice is in my name.",
    "thresholds": "75, 100",
    "token": make_token(),
    "token_expires_on": "2026-12-24",
    "token_expiring": "on",
    "when": "now",
}


def test_every_page_has_a_row_and_every_row_a_page():
    assert set(PAGES) == set(PARTS)


def answers(world, ask):
    """What somebody gets on every page."""
    addresses = {name: address_of(name, world.names, page.where) for name, page in PAGES.items()}
    return {name: ask(page, addresses[name]) for name, page in PAGES.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_looking_answers_as_the_table_says_and_changes_nothing(world, kind):
    def look(page, address):
        return world.answer(lambda: world.browser(kind).get(address), page_means, may_change=())

    wanted = {name: page.look[KINDS.index(kind)] for name, page in PAGES.items()}

    assert differing(answers(world, look), wanted) == {}


@pytest.mark.parametrize("kind", KINDS)
def test_acting_answers_as_the_table_says_and_changes_only_what_one_may(world, kind):
    def act(page, address):
        means = world.answer(
            lambda: world.browser(kind).post(address, TYPED),
            page_means,
            may_change=() if page.is_seen_only else (IN, AWAY),
        )
        # Where a form leads says how it went, not who may send it.
        return IN if means == AWAY and AWAY not in page.act else means

    wanted = {name: page.act[KINDS.index(kind)] for name, page in PAGES.items()}

    assert differing(answers(world, act), wanted) == {}
