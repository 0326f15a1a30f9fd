"""`GET …/entitlements` goes a shorter way than other calls, and answers the same."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken
from accounts.operations import issue_api_token
from organizations.models import Organization
from tests.billing.rows import AccountFactory, SubscriptionFactory
from tests.factories import OrganizationFactory

URL = "/api/v1/organizations/harbour/entitlements"
DAY = timedelta(days=1)


@pytest.fixture
def harbour(alice, bob):
    return OrganizationFactory(key="harbour", owner=alice, member=bob)


def token_of(user, **values):
    token, secret = issue_api_token(user, name="Scanner", scopes=["organizations:read"])
    ApiToken.objects.filter(pk=token.pk).update(**{"last_used_at": timezone.now(), **values})
    return secret


def ask(secret, scheme="Bearer", url=URL):
    return Client(headers={"Authorization": f"{scheme} {secret}"}).get(url)


def the_long_way(secret, url=URL):
    """A spelling that only the usual way knows."""
    return ask(secret, "bearer", url)


def buy(harbour, status="active", **values):
    grace_until = values.pop("grace_until", None)
    account = AccountFactory(organization=harbour, grace_until=grace_until)
    return SubscriptionFactory(account=account, status=status, **values)


STANDINGS = [
    {},
    {"status": "trialing", "trial_end": timezone.now() + 3 * DAY},
    {"cancels_at": timezone.now().replace(microsecond=0) + 3 * DAY},
    {"status": "past_due", "past_due_since": timezone.now() - 2 * DAY},
    {"status": "past_due", "past_due_since": timezone.now() - 20 * DAY},
    {"status": "unpaid", "grace_until": timezone.now() + DAY},
    {"status": "canceled"},
    {"status": "hibernating", "known_status": "active"},
    {"plan": "enterprise", "loc_limit": 9_000_000},
]


@pytest.mark.parametrize("standing", STANDINGS, ids=range(len(STANDINGS)))
def test_both_ways_answer_the_same(harbour, bob, standing):
    buy(harbour, **standing)
    secret = token_of(bob)

    short, long = ask(secret), the_long_way(secret)

    assert (short.status_code, short["Content-Type"]) == (200, long["Content-Type"])
    assert short.json() == long.json()
    for name in ("Allow", "X-Content-Type-Options", "RateLimit-Limit"):
        assert short[name] == long[name]
    assert int(short["RateLimit-Remaining"]) == int(long["RateLimit-Remaining"]) + 1


def test_both_ways_answer_the_same_where_nothing_was_bought(harbour, bob):
    secret = token_of(bob)

    assert ask(secret).json() == the_long_way(secret).json()
    assert ask(secret).json()["plan"] == "free"


def test_both_ways_answer_the_same_where_nothing_is_sold(harbour, bob, settings):
    settings.BILLING = False
    secret = token_of(bob)

    assert ask(secret).json() == the_long_way(secret).json()
    assert ask(secret).json()["plan"] == "unlimited"


def test_the_live_subscription_is_the_one_that_is_told_of(harbour, bob):
    live = buy(harbour, loc_limit=100_000, created_at=timezone.now() - DAY)
    SubscriptionFactory(account=live.account, status="canceled", loc_limit=1_000_000)

    assert ask(token_of(bob)).json()["loc_limit"] == 100_000


def test_it_takes_one_query(harbour, bob, queries):
    buy(harbour)
    secret = token_of(bob)

    with queries() as asked:
        assert ask(secret).status_code == 200

    assert len(asked) == 1


def test_the_use_of_a_token_is_noted(harbour, bob):
    ask(token_of(bob, last_used_at=None))

    assert ApiToken.objects.get().last_used_at is not None


REFUSED = [
    ({"expires_at": timezone.now() - DAY}, 401, "token-expired"),
    ({"scopes": ["imports"]}, 403, "scope-missing"),
    ({"digest": "0" * 64}, 401, "token-unknown"),
]


@pytest.mark.parametrize(("token", "status", "code"), REFUSED)
def test_a_token_that_may_not_ask_is_told_why(harbour, bob, token, status, code):
    response = ask(token_of(bob, **token))

    assert (response.status_code, response.json()["code"]) == (status, code)


def test_what_one_may_not_see_does_not_exist(harbour, charlie):
    assert ask(token_of(charlie)).status_code == 404


def test_nor_does_what_is_closed(harbour, bob):
    Organization.objects.update(closed_at=timezone.now())

    assert ask(token_of(bob)).status_code == 404


def test_whoever_left_us_is_not_known(harbour, bob):
    secret = token_of(bob)
    bob.is_active = False
    bob.save()

    assert ask(secret).status_code == 401


def test_calls_are_counted_on_both_ways_alike(harbour, bob, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    secret = token_of(bob)

    statuses = [each(secret).status_code for each in (ask, the_long_way, ask, ask, the_long_way)]

    assert statuses == [200, 200, 200, 429, 429]
    assert 0 < int(ask(secret)["Retry-After"]) <= 61


@pytest.mark.parametrize("key", ["%00", "harbour/", "HARBOUR", "ä", "%F0%9F%9A%A2", "x" * 500])
def test_an_odd_key_is_answered_as_ever(harbour, bob, key):
    secret, url = token_of(bob), f"/api/v1/organizations/{key}/entitlements"

    assert ask(secret, url=url).status_code == the_long_way(secret, url=url).status_code


def test_a_token_is_not_taken_over_an_open_line(harbour, bob, settings):
    secret = token_of(bob)
    settings.SECURE_SSL_REDIRECT = True

    assert ask(secret).status_code == 301


def test_the_answer_comes_without_the_counter(harbour, bob, lost):
    secret = token_of(bob)
    lost()

    assert ask(secret).status_code == 200
