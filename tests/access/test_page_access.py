"""Who gets to which page, and who may act there."""

import uuid

import pytest
from django.test import Client

from organizations.models import Organization
from organizations.people import set_permissions
from tests.access.addresses import PARTS, address_of
from tests.access.matrix_pages import OF_CREATORS, PAGES
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


def test_a_form_from_another_site_is_refused(world):
    """All but what Stripe sends, which is signed."""
    world.browsers["owner"] = Client(enforce_csrf_checks=True)

    def send(page, address):
        return world.answer(lambda: world.browser("owner").post(address, TYPED), page_means)

    taken = {name: means for name, means in answers(world, send).items() if means != 403}

    assert taken == {"stripe:webhook": 400}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", [name for name in PAGES if PAGES[name].act == OF_CREATORS])
def test_a_member_creates_projects_once_an_owner_lets_them(world, name, method):
    organization = Organization.objects.get(key="harbour")
    owner, member = world.people["owner"], world.people["member"]
    set_permissions(organization, member, by=owner, may_create_projects=True)

    response = getattr(world.browser("member"), method)(address_of(name, world.names, {}))

    assert page_means(response) in (IN, AWAY)


@pytest.mark.parametrize("name", ["calendar", "people:invitation", "claims:objection"])
def test_an_address_that_is_a_key_can_not_be_guessed(world, client, name):
    objection = f"owners.{uuid.uuid4()}:{'A' * 43}"
    guessed = {"secret": "A" * 43, "signed": "A:B", "objection": objection}

    response = client.get(address_of(name, world.names | guessed, PAGES[name].where))

    assert response.status_code == 404
