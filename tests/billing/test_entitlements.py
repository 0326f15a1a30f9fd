"""What an organization may do: the whole table, and the one query it takes."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from billing.entitlements import (
    KNOWN_STATUSES,
    SubscriptionFacts,
    Terms,
    entitlements_of,
)
from billing.standing import entitlements_for
from tests.billing.rows import AccountFactory, SubscriptionFactory
from tests.factories import OrganizationFactory

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TERMS = {
    "free": Terms(50_000, 5, ("api",)),
    "team": Terms(None, None, ("api", "tax_invoices")),
    "enterprise": Terms(None, None, ("api", "priority_support")),
}


def decided(status="active", *, loc_limit=250_000, plan="team", **facts):
    subscription = SubscriptionFacts(status, plan, loc_limit, **facts)
    return entitlements_of(subscription, terms=TERMS, grace=7 * DAY, now=NOW)


TEAM, LOCKED = ("team", 250_000, "full"), ("team", 250_000, "read_only")
FREE = ("free", 50_000, "full")
TABLE = [
    ("trialing", {}, TEAM, None),
    ("trialing", {"trial_end": NOW + 3 * DAY}, TEAM, NOW + 3 * DAY),
    ("active", {}, TEAM, None),
    ("active", {"cancels_at": NOW + 20 * DAY}, TEAM, NOW + 20 * DAY),
    ("active", {"grace_until": NOW + DAY}, TEAM, None),
    ("past_due", {"past_due_since": NOW}, TEAM, NOW + 7 * DAY),
    ("past_due", {"past_due_since": NOW - 6 * DAY}, TEAM, NOW + DAY),
    ("past_due", {"past_due_since": NOW - 7 * DAY}, LOCKED, None),
    ("past_due", {"past_due_since": NOW - 8 * DAY}, LOCKED, None),
    ("past_due", {"past_due_since": NOW - 8 * DAY, "grace_until": NOW + DAY}, TEAM, NOW + DAY),
    ("past_due", {"past_due_since": NOW, "grace_until": NOW + DAY}, TEAM, NOW + 7 * DAY),
    ("unpaid", {}, LOCKED, None),
    ("unpaid", {"grace_until": NOW - DAY}, LOCKED, None),
    ("unpaid", {"grace_until": NOW + DAY}, TEAM, NOW + DAY),
    ("incomplete", {}, FREE, None),
    ("incomplete", {"grace_until": NOW + DAY}, FREE, None),
    ("incomplete_expired", {}, FREE, None),
    ("incomplete_expired", {"grace_until": NOW + DAY}, FREE, None),
    ("canceled", {}, FREE, None),
    ("canceled", {"grace_until": NOW + DAY}, TEAM, NOW + DAY),
    ("paused", {}, FREE, None),
    ("paused", {"grace_until": NOW + DAY}, TEAM, NOW + DAY),
    ("something_new", {}, FREE, None),
]


@pytest.mark.parametrize(("status", "facts", "gives", "until"), TABLE)
def test_a_status_gives_access(status, facts, gives, until):
    entitled = decided(status, **facts)

    assert (entitled.plan, entitled.loc_limit, entitled.access) == gives
    assert (entitled.until, entitled.reason) == (until, status)


def test_every_status_is_in_the_table():
    assert {row[0] for row in TABLE} == {*KNOWN_STATUSES, "something_new"}


def test_without_a_subscription_there_is_free():
    entitled = entitlements_of(None, terms=TERMS, grace=7 * DAY, now=NOW)

    assert (entitled.plan, entitled.loc_limit, entitled.members) == ("free", 50_000, 5)
    assert (entitled.access, entitled.reason, entitled.features) == ("full", "free", ("api",))


def test_a_plan_brings_its_members_and_features():
    team, enterprise = decided(), decided(plan="enterprise", loc_limit=8_000_000)

    assert (team.members, team.features) == (None, ("api", "tax_invoices"))
    assert (enterprise.loc_limit, enterprise.features) == (8_000_000, ("api", "priority_support"))


def test_nobody_pays_for_less_than_is_free():
    assert decided(loc_limit=0).loc_limit == 50_000


@pytest.fixture
def harbour(alice):
    return OrganizationFactory(key="harbour", owner=alice)


def subscribed(organization, **values):
    return SubscriptionFactory(account=AccountFactory(organization=organization), **values)


def test_it_takes_one_query(harbour, queries):
    subscribed(harbour)

    with queries() as asked:
        entitled = entitlements_for(harbour.pk)

    assert (len(asked), entitled.plan, entitled.loc_limit) == (1, "team", 250_000)


def test_the_live_subscription_counts_and_not_an_ended_one(harbour):
    live = subscribed(harbour, loc_limit=100_000, created_at=timezone.now() - 9 * DAY)
    SubscriptionFactory(account=live.account, status="canceled", loc_limit=1_000_000)

    assert entitlements_for(harbour.pk).loc_limit == 100_000


def test_an_organization_that_never_bought_is_on_free(harbour):
    assert entitlements_for(harbour.pk).plan == "free"
    assert entitlements_for(uuid.uuid4()).plan == "free"


def test_what_another_organization_bought_is_not_ours(harbour):
    subscribed(OrganizationFactory())

    assert entitlements_for(harbour.pk).plan == "free"


@pytest.mark.parametrize("known", ["active", "trialing"])
def test_case_28_an_unknown_status_leaves_access_as_it_was(harbour, known):
    subscribed(harbour, status="hibernating", known_status=known)

    entitled = entitlements_for(harbour.pk)

    assert (entitled.plan, entitled.access, entitled.reason) == ("team", "full", known)


def test_grace_is_as_long_as_the_setting_says(harbour, settings):
    subscribed(harbour, status="past_due", past_due_since=timezone.now() - 3 * DAY)

    settings.BILLING_GRACE_DAYS = 4
    assert entitlements_for(harbour.pk).access == "full"
    settings.BILLING_GRACE_DAYS = 2
    assert entitlements_for(harbour.pk).access == "read_only"


def test_where_nothing_is_sold_nothing_is_withheld(harbour, settings, queries):
    settings.BILLING = False
    subscribed(harbour, status="unpaid")

    with queries() as asked:
        entitled = entitlements_for(harbour.pk)

    assert (entitled.plan, entitled.loc_limit, entitled.members) == ("unlimited", None, None)
    assert (entitled.access, len(asked)) == ("full", 0)
    assert "api" in entitled.features
